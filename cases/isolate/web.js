What is there of the web, as on the web.
//// URL parts
const url = new URL("https://user:p%20w@Example.COM:8080/a/../b%20c?x=1&y=%C3%BC#frag");
return ["href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"].map((key) => url[key]).concat(String(url), JSON.stringify(url));
//// URL relative to a base
return [new URL("../c?d", "https://a.test/x/y/z").href, new URL("//other.test", "https://a.test").href, new URL("?q", new URL("https://a.test/p?x#y")).href, new URL("", "https://a.test/p").href, new URL("#h", "https://a.test/p?q").href];
//// URL setters
const url = new URL("https://a.test/p?q#h");
url.protocol = "http"; url.host = "b.test:81"; url.pathname = "/x y"; url.search = "a=b c"; url.hash = ""; url.username = "u"; url.password = "p"; url.port = "82";
const changed = url.href;
url.port = "nonsense"; url.protocol = "not a scheme";
return [changed, url.href];
//// URL that is none
const out = [];
for (const text of ["", "nonsense", "http://", "https://a b/", "//x", "http://[::1", "http://a:99999"]) try { out.push(new URL(text).href); } catch (error) { out.push(error.name + ": " + error.message); }
return [out, URL.canParse("a"), URL.canParse("a", "https://b.test"), URL.parse("a"), URL.parse("a", "https://b.test").href];
//// URL special cases
return ["file:///C:/a", "data:text/plain,x", "mailto:a@b", "http://1.2.3", "http://0x7f.1", "http://ex%41mple.com", "http://bücher.de", "javascript:1", "blob:https://a.test/x"].map((text) => { const url = new URL(text); return [url.href, url.origin, url.host]; });
//// a very long URL
try { return new URL("https://a.test/" + "x".repeat(2e6)).href.length; } catch (error) { return error.message.length; }
//// searchParams are live
const url = new URL("https://a.test/?a=1&b=2");
const { searchParams } = url;
searchParams.append("c", "3 &="); searchParams.set("a", "x"); searchParams.delete("b");
const first = url.href;
url.search = "?z=9";
return [first, searchParams.get("z"), searchParams.get("a"), url.searchParams === searchParams];
//// URLSearchParams
const p = new URLSearchParams("?a=1&b=2&a=3&c&=d&e=%20+%ff%C3%BC");
return [[...p], p.get("a"), p.getAll("a"), p.get("none"), p.has("b"), p.has("b", "3"), p.size, p.toString(), [...p.keys()], [...p.values()]];
//// URLSearchParams from other things
return [new URLSearchParams({ a: 1, b: "x y" }) + "", new URLSearchParams([["a", "1"], ["a", "2"]]) + "", new URLSearchParams(new Map([["k", "v"]])) + "", new URLSearchParams(new URLSearchParams("q=1")) + "", new URLSearchParams() + "", new URLSearchParams("a=*-._~!'()%20é\ud800") + ""];
//// URLSearchParams changes
const p = new URLSearchParams("b=2&a=1&b=3&c=4");
p.sort();
const sorted = p + "";
p.set("b", "9"); p.delete("c", "5"); p.delete("a"); p.append("z", "0");
const seen = [];
p.forEach((value, key) => seen.push(key + value));
return [sorted, p + "", seen];
//// TextEncoder
const bytes = new TextEncoder().encode("aü€😀\ud800");
const into = new Uint8Array(5);
return [bytes, new TextEncoder().encode(), new TextEncoder().encoding, new TextEncoder().encodeInto("aü€", into), into];
//// TextDecoder
const decode = (bytes, options) => new TextDecoder("utf-8", options).decode(new Uint8Array(bytes));
return [decode([97, 0xc3, 0xbc, 0xf0, 0x9f, 0x98, 0x80]), decode([0xff, 97, 0xc3]), decode([0xed, 0xa0, 0x80]), decode([0xf0, 0x80, 0x80, 0x80]), decode([0xe2, 0x82]), decode([0xef, 0xbb, 0xbf, 97]), decode([0xef, 0xbb, 0xbf, 97], { ignoreBOM: true }).length, decode([])];
//// TextDecoder, fatal
return new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff]));
//// TextDecoder, streamed
const decoder = new TextDecoder();
const parts = [[0xe2], [0x82], [0xac, 0xf0, 0x9f], [0x98, 0x80]].map((bytes) => decoder.decode(new Uint8Array(bytes), { stream: true }));
return [parts, decoder.decode()];
//// TextDecoder of other encodings and other inputs
const out = [];
for (const label of ["latin1", "utf-16le", " UTF8 "]) try { out.push(new TextDecoder(label).encoding); } catch (error) { out.push(error.name); }
return [out, new TextDecoder().decode(new Uint8Array([65, 66]).buffer), new TextDecoder().decode(new DataView(new Uint8Array([67]).buffer)), new TextDecoder().decode(new Uint16Array([0x4241]))];
//// atob and btoa
const out = [];
for (const text of ["YQ==", "YQ", "Y Q = =", "é", "a", "YWJj"]) try { out.push(atob(text)); } catch (error) { out.push(error.name); }
for (const text of ["", "abc", "\xff", "€"]) try { out.push(btoa(text)); } catch (error) { out.push(error.name); }
return out;
//// structuredClone
const source = { d: new Date(5), m: new Map([["k", { deep: [1] }]]), s: new Set([1]), r: /x/gi, b: new Uint8Array([1, 2]), e: new TypeError("t"), n: null, u: undefined, big: 5n, list: [1, , 3], box: new Number(3) };
source.self = source;
const copy = structuredClone(source);
source.m.get("k").deep.push(2);
return [copy.self === copy, copy !== source, copy.d instanceof Date, copy.m.get("k").deep, copy.s.has(1), String(copy.r), copy.b, copy.e instanceof TypeError, copy.e.message, "u" in copy, typeof copy.big, 1 in copy.list, copy.list.length, typeof copy.box];
//// structuredClone of what cannot be cloned
return [() => {}, Symbol("s"), Promise.resolve(), new WeakMap(), { f() {} }].map((value) => { try { structuredClone(value); return "cloned"; } catch (error) { return error.name + ": " + error.message; } });
//// structuredClone keeps __proto__ keys apart
const copy = structuredClone(JSON.parse('{"__proto__": {"x": 1}}'));
return [copy.x, Object.hasOwn(copy, "__proto__")];
//// crypto
const uuid = crypto.randomUUID();
const bytes = crypto.getRandomValues(new Uint8Array(16));
return [/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid), uuid !== crypto.randomUUID(), bytes.some((byte) => byte), crypto.getRandomValues(new Uint32Array(2)).length];
//// crypto's limits
const out = [];
for (const array of [new Uint8Array(65537), [], new DataView(new ArrayBuffer(1)), undefined]) try { crypto.getRandomValues(array); out.push("filled"); } catch (error) { out.push(error.name); }
return [out, crypto.getRandomValues(new Uint8Array(65536)).length, crypto.getRandomValues(new Uint8Array(0)).length];
//// crypto fills a part of a buffer only
const whole = new Uint8Array(8);
crypto.getRandomValues(whole.subarray(2, 4));
return [[...whole.subarray(0, 2)], [...whole.subarray(4)]];
//// AbortController
const controller = new AbortController();
const seen = [];
controller.signal.addEventListener("abort", (event) => seen.push(event.type, event.target === controller.signal));
controller.signal.onabort = () => seen.push("onabort");
const before = controller.signal.aborted;
controller.abort();
controller.abort("again");
return [before, controller.signal.aborted, controller.signal.reason.name, controller.signal.reason.message, seen];
//// AbortSignal
const timeout = AbortSignal.timeout(10);
const any = AbortSignal.any([new AbortController().signal, timeout]);
await new Promise((resolve) => setTimeout(resolve, 20));
let made;
try { new AbortSignal(); } catch (error) { made = error.name; }
return [timeout.reason.name, any.aborted, any.reason === timeout.reason, AbortSignal.abort("why").reason, made];
//// fetch
return fetch("https://example.com").catch((error) => [error.name, error.message]);
//// fetch sends nothing
await fetch("https://example.com", { method: "POST", body: "secret" });
//// DOMException
const error = new DOMException("m", "DataCloneError");
return [error instanceof Error, error.name, error.message, error.code];
