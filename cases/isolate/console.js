What the console prints.
//// streams
console.log("log"); console.info("info"); console.debug("debug"); console.warn("warn"); console.error("error"); console.trace("trace");
//// scalars
console.log("text", 1, -0, 1.5, NaN, true, null, undefined, 10n, Symbol("s"));
console.log(["text", "it's", 'a "quote"', "line\nbreak", 10n, -0]);
//// nothing
console.log();
//// objects
console.log({ a: 1, "b c": 2, nested: { list: [1, [2, [3, [4, [5]]]]] } }, [], {}, [undefined, , null]);
console.log({ [Symbol("k")]: 1, get g() { return 1; }, set s(v) {}, f() {}, g2: class A {}, arrow: () => 1 });
//// long objects are broken over lines
console.log({ alpha: "a".repeat(30), beta: "b".repeat(30), gamma: "c".repeat(30) });
//// collections
console.log(new Map([["a", 1], [{ k: 1 }, [2]]]), new Set([1, "x"]), new Uint8Array(3), new ArrayBuffer(4), new WeakMap());
//// classes
class Point { x = 1; }
console.log(new Point(), Object.create(null), new (class extends Array {})(2), new (class Foo extends Map {})());
//// dates, regular expressions, boxes
console.log(new Date(0), new Date(NaN), /x/g, new String("boxed"), Promise.resolve(1), (function* () {})(), github, new Proxy({}, {}));
//// errors
class Custom extends Error { name = "Custom"; code = 5; }
console.log(new Error("plain"), new Custom("own"), [new TypeError("inside")], new Error("outer", { cause: new Error("inner") }));
//// cycles
const o = { name: "o" };
o.self = o;
console.log(o, [o]);
//// many items
console.log(Array.from({ length: 120 }, (_, i) => i));
console.log(new Set(Array.from({ length: 120 }, (_, i) => i)).size);
//// formats
console.log("%s is %d years and %i, %f, %j %o %O %% %c styled", "x", "42", 42.9, "1.5", { a: 1 }, [1], { b: 2 }, "css", "rest");
console.log("%s", Symbol("s"), "%d", 5n);
console.log("100%", 5, "%s");
console.log("%d", {}, "%x", 1);
//// groups
console.group("outer");
console.log("one\ntwo");
console.group();
console.error("inner");
console.groupEnd(); console.groupEnd(); console.groupEnd();
console.log("out");
//// count, assert, dir
console.count(); console.count(); console.count("x"); console.countReset(); console.count();
console.assert(true, "no"); console.assert(false, "yes %s", 1); console.assert(false);
console.dir({ a: 1 });
//// table
console.table([{ a: 1, b: "x" }, { a: 2, c: [1] }]);
console.table(["p", "q"]);
console.table(5);
//// values that fight back
console.log({ get bad() { throw 1; } }, new Proxy({}, { get() { throw 1; }, ownKeys() { throw 1; } }), { toString() { throw 1; }, [Symbol.toPrimitive]() { throw 1; }, [Symbol.toStringTag]: "pwn" });
console.log(Object.create({ get constructor() { throw 1; } }), { constructor: 5 }, { constructor: { name: "fake" } });
//// lone surrogates and NUL
console.log("a\ud800b\0c", ["\ud800"]);
//// control characters are passed on
console.log("\x1b[31mred\x07\rover");
//// custom inspection is not honoured
console.log({ [Symbol.for("nodejs.util.inspect.custom")]() { throw 1; }, inspect() { throw 1; } });
//// order across streams and calls
console.log(1); console.error(2);
await github.echo(1);
console.log(3);
