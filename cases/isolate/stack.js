Deep recursion is a RangeError that can be caught, wherever it happens, and the program goes on.
//// plain recursion, uncaught
(function f() { f(); })();
//// plain recursion, caught
try { (function f() { f(); })(); } catch (error) { return [error.name, error.message, await github.echo("still here")]; }
//// again and again
let caught = 0;
for (let i = 0; i < 20; i++) try { (function f() { f(); })(); } catch { caught++; }
return caught;
//// caught at the deepest frame
let depth = 0;
return (function f() { depth++; try { return f(); } catch { return depth > 500; } })();
//// a tool call at every depth
const made = [];
let depth = 0;
(function f() { try { if (depth++ % 100 === 0) made.push(github.echo(depth)); f(); } catch {} })();
return (await Promise.all(made)).length;
//// async recursion, uncaught
const f = async () => { await f(); };
await f();
//// getters
const o = { get x() { return this.x; } };
o.x;
//// toString
const o = { toString() { return `${o}`; } };
`${o}`;
//// valueOf and toPrimitive
const o = { [Symbol.toPrimitive]() { return +o; } };
+o;
//// proxies in proxies
let p = {};
for (let i = 0; i < 1e5; i++) p = new Proxy(p, {});
p.x;
//// proxy traps
const p = new Proxy({}, { get: (target, key, receiver) => receiver[key] });
p.x;
//// bound functions
let f = () => 1;
for (let i = 0; i < 1e5; i++) f = f.bind();
f();
//// JSON.parse
JSON.parse("[".repeat(2e5) + "]".repeat(2e5));
//// JSON.stringify
let a = [];
for (let i = 0; i < 2e5; i++) a = [a];
JSON.stringify(a);
//// a reviver
let text = "[".repeat(300) + "]".repeat(300);
JSON.parse(text, function f(key, value) { return JSON.parse(text, f); });
//// nested arrays as text
let a = [];
for (let i = 0; i < 1e5; i++) a = [a];
String(a);
//// flat
let a = [];
for (let i = 0; i < 1e5; i++) a = [a];
a.flat(Infinity);
//// structuredClone
let a = {};
for (let i = 0; i < 1e5; i++) a = { a };
structuredClone(a);
//// sort comparators
(function f() { [1, 2].sort(f); })();
//// replace callbacks
(function f() { "a".replace(/a/, f); })();
//// map callbacks
(function f() { [1].map(f); })();
//// yield* in yield*
function* g() { yield* g(); }
[...g()];
//// iterators
const o = { [Symbol.iterator]: () => o[Symbol.iterator]() };
[...o];
//// Reflect
(function f() { Reflect.apply(f, null, []); })();
//// constructors
class A { constructor() { new A(); } }
new A();
//// super
class A { m() { this.m(); } }
class B extends A { m() { super.m(); } }
new B().m();
//// a long prototype chain
let o = {};
for (let i = 0; i < 2e5; i++) o = Object.create(o);
return typeof o.missing;
//// instanceof along a chain of proxies
let p = {};
for (let i = 0; i < 1e5; i++) p = new Proxy(p, {});
p instanceof Object;
//// groups in a regular expression
new RegExp("(".repeat(1e5) + ")".repeat(1e5));
//// nested classes in a regular expression
new RegExp("(?:".repeat(5e4) + "a" + ")*".repeat(5e4)).test("a");
//// backtracking
return /^(?:a|ab)(?:c|bcd)(?:d*)$/.test("abcd") && /(?:a?){12}a{12}/.test("a".repeat(12));
//// a deep list is collected
let a = {};
for (let i = 0; i < 3e5; i++) a = { a };
a = null;
return "collected";
//// thenables in thenables
let p = { then(resolve) { resolve(1); } };
for (let i = 0; i < 1e4; i++) { const inner = p; p = { then(resolve) { resolve(inner); } }; }
return await p;
//// a chain of causes
let error = new Error("end");
for (let i = 0; i < 5e4; i++) error = new Error("outer", { cause: error });
throw error;
//// printed values
let a = {};
for (let i = 0; i < 1e5; i++) a = { a };
console.log(a);
//// a getter chain while a result is written
const o = { get x() { return Object.create(o); } };
return o;
//// toJSON in toJSON
const o = { toJSON() { return { inner: o.toJSON() }; } };
return o;
//// localeCompare, normalize and split on long text
const long = "é".repeat(2e5);
return [long.normalize("NFD").length, long.localeCompare(long + "a"), long.split("").length];
//// spread of many arguments
Math.max(...new Array(1e6).fill(1));
//// String.fromCharCode.apply
String.fromCharCode.apply(null, { length: 1e6 });
