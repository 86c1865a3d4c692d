What a value looks like when it leaves a program.
//// scalars
return [1, -1, 1.5, 1e21, 1e-7, 0.1 + 0.2, 9007199254740993, true, false, null, "", "text"];
//// numbers JSON has no word for
return { nan: NaN, plus: Infinity, minus: -Infinity, zero: -0, in: [NaN, -0] };
//// undefined alone
return undefined;
//// undefined within
return { a: undefined, b: [undefined, 1], c: 1 };
//// functions and symbols within
return { f() {}, s: Symbol("x"), list: [() => 1, Symbol("x")], [Symbol("key")]: 1, kept: 1 };
//// a function
return () => 1;
//// a symbol
return Symbol("x");
//// a class
return class A {};
//// boxed scalars
return [new Number(1), new String("s"), new Boolean(false), Object(Symbol("x"))];
//// a bigint
return 10n;
//// a bigint within
return { rows: [{ id: 1 }, { id: 10n }] };
//// a boxed bigint
return [Object(1n)];
//// dates
return [new Date(0), new Date(1700000000123), new Date(NaN), new Date(8.64e15), new Date(-1)];
//// a map with text keys
return new Map([["a", 1], ["b", { c: new Map([["d", 2]]) }], ["10", "ten"], ["__proto__", 3]]);
//// a map with other keys
return new Map([[1, "one"], [{ a: 1 }, "object"], ["s", undefined]]);
//// an empty map and an empty set
return [new Map(), new Set()];
//// a set
return new Set([1, "a", { b: 2 }, undefined]);
//// weak collections
return [new WeakMap(), new WeakSet()];
//// typed arrays
return [new Uint8Array([1, 2, 255]), new Float64Array([0.5, NaN, -0]), new Int16Array(0), new Uint8ClampedArray([300])];
//// a typed array of bigints
return new BigInt64Array(1);
//// array buffers
return [new Uint8Array([1, 2]).buffer, new ArrayBuffer(0), new DataView(new ArrayBuffer(2))];
//// a detached buffer
const buffer = new ArrayBuffer(8);
buffer.transfer();
return { buffer };
//// errors
class Odd extends Error { name = "Odd"; code = 7; }
return [new Error("a"), new TypeError("b"), new Odd("c"), Object.assign(new Error("d"), { status: 404 }), new Error()];
//// an aggregate error
return new AggregateError([new Error("one"), new TypeError("two")], "both");
//// an error with a cause
return new Error("outer", { cause: new Error("inner") });
//// a DOMException
return new DOMException("no", "AbortError");
//// regular expressions
return [/a"b\/c/gi, /é/u];
//// toJSON of a class
class Money { constructor(n) { this.n = n; } toJSON() { return { money: this.n }; } }
return { price: new Money(5), list: [new Money(6)] };
//// toJSON of a value itself
return { toJSON: () => ({ replaced: true }) };
//// toJSON gives undefined within
return { a: { toJSON() {} }, b: [{ toJSON() {} }] };
//// toJSON gives undefined
return { toJSON() {} };
//// toJSON gives a function
return { toJSON: () => () => 1 };
//// toJSON throws
return { a: { toJSON() { throw new Error("not today"); } } };
//// toJSON gives itself
const a = { toJSON() { return a; } };
return a;
//// toJSON gives something new for ever
const make = () => ({ toJSON: make });
return make();
//// toJSON that is not a function
return { toJSON: 5 };
//// URL and URLSearchParams
return [new URL("https://a.test/b?c=d"), { params: new URLSearchParams("a=1") }];
//// a cycle
const a = { list: [{ name: "x" }] };
a.list[0].back = a;
return a;
//// a cycle through a map and a set
const m = new Map();
m.set("set", new Set([m]));
return m;
//// the same value twice is no cycle
const shared = { x: 1 };
return { a: shared, b: [shared, shared] };
//// a promise
return { issue: { result: github.create_issue({}) } };
//// a promise among others
return [1, Promise.resolve(2)];
//// a promise is awaited at the top
return Promise.resolve({ a: 1 });
//// odd keys in a path
return { "a b": { 0: { "": { "x\"y": 1n } } } };
//// lone surrogates
return ["\ud800", "a\udc00b", "\ud83d\ude00", "\ud800\ud83d\ude00", { "\udfff": 1 }];
//// NUL and control characters
return ["\0", "a\0b", "\b\t\n\f\r\x0b\x1f\x7f", "\"\\/", "\u2028\u2029", { "\0": 1 }];
//// long text
return ["x".repeat(3) + "é".repeat(3) + "€".repeat(3) + "😀".repeat(3)];
//// ropes
let text = "";
for (let i = 0; i < 100; i++) text += i;
return text;
//// __proto__ as an own key
return [JSON.parse('{"__proto__": {"x": 1}}'), { ["__proto__"]: 1 }, { __proto__: { inherited: 1 }, own: 2 }];
//// the input keeps its own __proto__ key
return [input, input.b, Object.hasOwn(input, "__proto__"), input === globalThis.input];
//// key order
return { b: 1, a: 2, 10: 3, 9: 4, [Symbol("s")]: 5 };
//// non-enumerable and inherited properties
return Object.create({ inherited: 1 }, { hidden: { value: 1 }, shown: { value: 2, enumerable: true } });
//// an object without a prototype
return Object.assign(Object.create(null), { a: 1 });
//// an instance
class Point { #secret = 1; x = 2; get y() { return 3; } }
return new Point();
//// getters
return { get a() { return 1; }, get b() { return { c: 2 }; } };
//// a throwing getter
return { fine: 1, get bad() { throw new RangeError("no such thing"); } };
//// sparse arrays
return [[, 1, , 2], new Array(3), Object.assign([1], { extra: 2 })];
//// an array whose length lies
const a = [1, 2];
Object.defineProperty(a, 1, { get() { a.length = 0; return "gone"; } });
return a;
//// an array that shrinks while it is written
const a = [{ toJSON() { a.length = 1; return "first"; } }, { b: 1 }, { c: 1 }];
return a;
//// a map that changes while it is written
const m = new Map();
m.set("a", { toJSON() { m.delete("a"); m.delete("b"); m.set("c", 3); return 1; } });
m.set("b", 2);
return m;
//// a map that gets another kind of key while it is written
const m = new Map();
m.set("a", { toJSON() { m.set({ toString() { throw new Error("as a key"); } }, 2); return 1; } });
return m;
//// proxies
return [
  new Proxy({ a: 1 }, {}),
  new Proxy({}, { ownKeys: () => ["x"], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }), get: (_, key) => (key === "toJSON" ? undefined : "got " + String(key)) }),
];
//// a proxy that throws
return { p: new Proxy({}, { ownKeys() { throw new TypeError("no keys"); } }) };
//// a revoked proxy
const { proxy, revoke } = Proxy.revocable({}, {});
revoke();
return { proxy };
//// a proxy around a function
return { f: new Proxy(() => 1, {}), kept: 1 };
//// arguments
return (function () { return arguments; })(1, 2);
//// raw JSON
return [JSON.rawJSON("1234567890123456789012"), JSON.rawJSON('"s"')];
//// iterators and generators
function* count() { yield 1; }
return [count(), [1, 2].values()];
//// nesting up to the limit
let a = 1;
for (let i = 0; i < 100; i++) a = [a];
return a;
//// nesting over the limit
let a = 1;
for (let i = 0; i < 101; i++) a = i % 2 ? [a] : { k: a };
return { deep: a };
//// nesting over the limit in an argument
let a = 1;
for (let i = 0; i < 101; i++) a = [a];
await github.echo(a);
//// namespaces as values
return [github, tools, codemode, { github }];
//// a value that cannot be written is refused where __return is called
try { __return({ a: 1n }); } catch (error) { return [error.name, error.message]; }
//// arguments are written the same way
return github.echo({ d: new Date(0), m: new Map([["a", new Set([1])]]), n: NaN, u: undefined, f() {}, t: new Uint8Array(2) });
//// a bigint in an argument
await github.echo({ id: 5n });
//// a promise in an argument
await github.echo({ other: github.echo(1) });
//// no argument, undefined, null and bare values
return [await github.echo(), await github.echo(undefined), await github.echo(null), await github.echo("x"), await github.echo([1])];
//// two arguments
await github.echo({ a: 1 }, { b: 2 });
//// a change after the call does not count
const value = { n: 1 };
const call = github.echo(value);
value.n = 2;
return call;
//// bytes among arguments
class Wrapped { constructor(bytes) { this.bytes = bytes; } toJSON() { return { inner: [this.bytes] }; } }
return github.echo({ "a/b~": new Uint8Array([1, 2, 255]), list: [0, new Uint8Array(0), new Uint8ClampedArray([300]).buffer], wrapped: new Wrapped(new Uint8Array([7])), map: new Map([["k", new Uint8Array([8])], ["__proto__", new Uint8Array([9])]]), set: new Set(["x", new Uint8Array([10])]), pairs: new Map([[1, new Uint8Array([11])]]), floats: new Float32Array([0.5]) });
//// bytes as the whole argument
return callBinding("echo", new Uint8Array([104, 105]).subarray(1));
//// bytes that are left out
return github.echo({ a: Object.assign(() => 1, { b: new Uint8Array(1) }), c: 1 });
//// bytes of a detached buffer
const gone = new Uint8Array(4);
gone.buffer.transfer();
return github.echo({ gone });
//// paths longer than the arguments
const deep = Array.from({ length: 90 }).reduce((inner) => ({ [`k${"x".repeat(500)}`]: inner }), Array.from({ length: 100 }, () => new Uint8Array(0)));
try { return await github.echo(deep); } catch (error) { return error.message; }
//// bytes from a tool
const got = await github.raw({ text: '{"a/b~":"AQL/","list":[0,"","aGk="],"__proto__":{"deep":"Bw=="},"kept":"AQL/"}', binary: ["/a~1b~0", "/list/1", "/list/2", "/__proto__/deep"] });
return [got["a/b~"] instanceof Uint8Array, [...got["a/b~"]], got.list[1].length, new TextDecoder().decode(got.list[2]), [...Object.entries(got)[2][1].deep], got.kept];
//// bytes that are the whole result of a tool
const whole = await github.raw({ text: '"aGk="', binary: [""] });
whole[0] = 72;
return [whole, whole.buffer.byteLength, new TextDecoder().decode(whole)];
//// what is said to be bytes and is not
return github.raw({ text: '{"a":"no base64!","b":1,"c":"aGk"}', binary: ["/a", "/b", "/c", "/d/e", "/b/x"] }).then((got) => [got.a, got.b, [...got.c], Object.keys(got)]);
