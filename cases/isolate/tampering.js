A program that changes the language's own objects changes nothing at the border.
//// toJSON on Object.prototype and Array.prototype
Object.prototype.toJSON = () => "pwn";
Array.prototype.toJSON = () => "pwn";
return { sent: await github.echo({ a: [1] }), list: [1, {}] };
//// toJSON on String, Number and Date
String.prototype.toJSON = Number.prototype.toJSON = Date.prototype.toJSON = () => "pwn";
return ["s", 1, new Date(0)];
//// JSON replaced
JSON.stringify = () => "{}";
JSON.parse = () => "pwn";
globalThis.JSON = null;
return { sent: await github.echo({ a: 1 }) };
//// then replaced
Promise.prototype.then = function () { return 1; };
Promise.resolve = () => { throw 1; };
return { sent: await github.echo({ a: 1 }) };
//// Promise replaced
globalThis.Promise = class {};
Promise.prototype.then = () => 1;
return { sent: await github.echo({ a: 1 }) };
//// Promise's species
Object.defineProperty(Promise, Symbol.species, { get() { throw new Error("asked for the species"); } });
return await github.echo({ a: 1 });
//// Promise's constructor
Promise.prototype.constructor = function () { throw new Error("constructed"); };
return github.echo({ a: 1 });
//// iterators replaced
Array.prototype[Symbol.iterator] = function* () { yield "pwn"; };
Map.prototype[Symbol.iterator] = Set.prototype[Symbol.iterator] = undefined;
console.log("a", [1, 2]);
return [new Set(), await github.echo([1, 2])];
//// accessors on Object.prototype catch nothing
const caught = [];
for (const key of ["a", "id", "name", "message", "kind", "tool", "outcome", "stack", "class", "failure", "0", "href", "value"])
  Object.defineProperty(Object.prototype, key, { set(value) { caught.push(key); }, get() { caught.push("get " + key); }, configurable: true });
await github.echo({ x: 1 });
const error = await github.fail().catch((error) => error);
new URL("https://a.test/");
setTimeout(() => {}, 1);
return [caught, error.message, error.tool];
//// a throwing accessor on Object.prototype
for (const key of ["name", "message", "kind", "tool", "outcome"])
  Object.defineProperty(Object.prototype, key, { get() { throw new Error("read " + key); }, configurable: true });
const error = await github.fail().catch((error) => error);
return Object.getOwnPropertyNames(error).sort().map((key) => key + "=" + error[key]);
//// call and apply replaced
Function.prototype.call = Function.prototype.apply = () => "pwn";
Reflect.apply = () => "pwn";
console.log([1, new Date(0), /x/, new Map([[1, 2]])]);
setTimeout(() => console.log("timer"), 1);
await new Promise((resolve) => setTimeout(resolve, 2));
return [structuredClone({ d: new Date(0) }), new URLSearchParams("a=1").get("a"), new TextDecoder().decode(new Uint8Array([65]))];
//// methods that the console uses replaced
Array.prototype.join = String.prototype.slice = String.prototype.includes = () => "pwn";
RegExp.prototype.test = () => { throw 1; };
Array.isArray = () => { throw 1; };
Object.keys = () => { throw 1; };
console.log([1, "x"], { a: { b: 1 } }, "%s", 5);
console.table([{ a: 1 }]);
return "fine";
//// globals replaced
globalThis.setTimeout = globalThis.console = globalThis.Map = globalThis.Uint8Array = undefined;
return [await github.echo({ a: 1 }), crypto.randomUUID().length, structuredClone({ a: 1 })];
//// __return cannot be forged
globalThis.__return = () => "pwn";
__return(1);
return 2;
//// internals have no names
const names = ["__settle", "__finish", "__print", "postMessage", "native", "std", "os", "bjson", "print", "scriptArgs", "require", "process", "module", "Deno", "Bun", "WebAssembly", "window", "self", "global"];
return names.filter((name) => name in globalThis);
//// the prelude cannot be reached through functions
"use strict";
const out = [];
for (const f of [console.log, setTimeout, URL, structuredClone, github.echo, callBinding])
  for (const key of ["caller", "arguments"])
    try { out.push(typeof f[key]); } catch (error) { out.push(error.name); }
return [...new Set(out)];
//// a replaced prepareStackTrace sees nothing
Error.prepareStackTrace = (error, sites) => sites;
return typeof new Error("x").stack;
//// frozen globals
Object.freeze(globalThis);
return [await github.echo({ a: 1 }), (setTimeout(() => {}, 1), 2)];
//// a class that extends Promise
class Mine extends Promise { static get [Symbol.species]() { return Promise; } }
return Mine.resolve(github.echo({ a: 1 })).then((value) => value);
//// a tool's promise is an ordinary one
const call = github.echo({ a: 1 });
return [call instanceof Promise, call.constructor === Promise, Object.keys(call), await call];
//// a tool's error is an ordinary one of this realm
const error = await github.fail().catch((error) => error);
return [error instanceof Error, Object.getPrototypeOf(error) === Error.prototype, error.constructor.constructor === Function,
  error.name, error.message, error.kind, error.tool, error.outcome, Object.keys(error), Reflect.ownKeys(error).map(String), error.stack];
