What is left of the language and what is taken out.
//// global names
return Object.getOwnPropertyNames(globalThis).sort();
//// enumerable global names
return Object.keys(globalThis).sort();
//// what is absent
return ["eval", "SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "performance", "WebAssembly", "queueMicrotask", "Intl", "process", "require"].map((name) => name + ": " + typeof globalThis[name]);
//// eval
return eval("1");
//// indirect eval
return (0, globalThis.eval)("1");
//// Function
return new Function("return 1")();
//// Function called
return Function("return 1")();
//// every constructor of code is refused
const constructors = [Function, (async () => {}).constructor, Object.getPrototypeOf(function* () {}).constructor, Object.getPrototypeOf(async function* () {}).constructor, (class {}).constructor, Object.getPrototypeOf(github.echo).constructor, console.log.constructor, (function () {}.bind()).constructor];
const out = [];
for (const make of constructors)
  for (const call of [() => make("return 1"), () => new make("return 1"), () => Reflect.construct(make, ["return 1"]), () => make.call(null, "return 1"), () => Reflect.construct(make, [], Object)])
    try { call(); out.push("made"); } catch (error) { out.push(error.name + ": " + error.message); }
return [...new Set(out)];
//// code in a string for a timer
setTimeout("console.log(1)", 1);
//// a function constructor with no code
return typeof Function.prototype;
//// import
return import("fs");
//// this at the top of a plain function
return [(function () { return typeof this; })(), typeof globalThis];
//// the clock
return [Date.now(), new Date().toISOString(), new Date().getTimezoneOffset(), new Date(2024, 0, 1).toISOString(), new Date(2024, 5, 1).getHours(), Date()];
//// locale
return [(1234.5).toLocaleString(), new Date(0).toLocaleString(), "a".localeCompare("B"), "I".toLocaleLowerCase("tr")];
//// dates are parsed in UTC
return [Date.parse("2024-01-01"), Date.parse("2024-01-01T00:00:00"), Date.parse("Tue Mar 01 2022 00:00:00 GMT+0100"), new Date("nonsense").getTime()];
//// sort is stable, keys are ordered
return [[3, 1, 2].map((n, i) => ({ n: n % 2, i })).sort((a, b) => a.n - b.n).map((x) => x.i), Object.keys({ b: 1, 2: 1, a: 1, 1: 1 })];
//// modern syntax
class A { static #count = 0; static make() { A.#count++; return A.#count; } static { A.make(); } accessor = 1; }
const { x, ...rest } = { x: 1, y: 2, z: 3 };
label: for (const i of [1, 2, 3]) { for (;;) { if (i > 1) break label; break; } }
return [A.make(), x, rest, [1, [2, [3]]].flat(Infinity), "abc".at(-1), Object.groupBy([1, 2, 3], (n) => (n % 2 ? "odd" : "even")), [3, 1, 2].toSorted(), null ?? "d", { a: { b: 1 } }?.a?.b, 2n ** 64n + "", /(?<year>\d{4})/.exec("in 2024").groups.year, [1, 2, 3].findLast((n) => n < 3), new Set([1, 2]).union(new Set([3])).size, Array.from({ length: 2 }, (_, i) => i), `${1 + 1}`];
//// async generators and for await
async function* pages() { for (let i = 0; i < 3; i++) yield await github.echo(i); }
const seen = [];
for await (const page of pages()) seen.push(page);
return seen;
//// strict mode
undeclared = 1;
//// a sandboxed program's own globals
globalThis.mine = 1;
return mine;
//// regular expressions
return ["aBc".replace(/b/i, "x"), "a1b2".match(/\d/g), "x".replace(/(?<=x)/, "y"), [..."a-b".matchAll(/\w/g)].length, /\p{L}/u.test("é"), "2024-01".replace(/(?<y>\d+)-(?<m>\d+)/, "$<m>/$<y>")];
//// NaN has one face
const bytes = new Uint8Array(new Float64Array([0 / 0, NaN, Math.sqrt(-1), -(0 / 0)]).buffer);
return [...bytes];
