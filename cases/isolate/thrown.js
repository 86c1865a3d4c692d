Every throw is an error, whatever is thrown.
//// an error
throw new Error("boom");
//// an error of another class
throw new TypeError("boom");
//// an error of the program's class
class NotFound extends Error { constructor(message) { super(message); this.name = "NotFound"; } }
throw new NotFound("issue 5");
//// an error of the program's class without a name
class NotFound extends Error {}
throw new NotFound("issue 5");
//// an error without a message
throw new Error();
//// an error with a cause
throw new Error("outer", { cause: new Error("inner") });
//// an error with a cause of another kind
throw new Error("outer", { cause: { code: 5 } });
//// an aggregate error
throw new AggregateError([new Error("one")], "several");
//// a failed Promise.any
await Promise.any([github.fail(), Promise.reject(new Error("two"))]);
//// a DOMException
throw new DOMException("aborted by hand", "AbortError");
//// a clone that cannot be
structuredClone(Symbol("x"));
//// an abort signal
AbortSignal.abort().throwIfAborted();
//// a string
throw "just text";
//// a string with lone surrogates
throw "\ud800";
//// a number
throw 5;
//// null
throw null;
//// undefined
throw undefined;
//// a bigint
throw 5n;
//// a symbol
throw Symbol("s");
//// a function
throw function named() {};
//// an object
throw { code: 5, nested: { list: [1, 2] } };
//// an object that looks like an error
throw { name: "Error", message: "not really" };
//// an object with getters and toJSON
throw { get message() { for (;;); }, get a() { throw 1; }, toJSON() { for (;;); }, b: 1 };
//// a proxy
throw new Proxy({}, { get() { for (;;); }, ownKeys() { for (;;); } });
//// a proxy around an error
throw new Proxy(new Error("inside"), { get() { for (;;); } });
//// an error whose message is a getter
const error = new Error("own");
Object.defineProperty(error, "message", { get() { for (;;); } });
throw error;
//// an error whose name is an object
const error = new Error("text");
error.name = { toString() { for (;;); } };
throw error;
//// an error whose prototype is a proxy
const error = new Error("text");
Object.setPrototypeOf(error, new Proxy({}, { get() { for (;;); } }));
throw error;
//// a cycle
const o = {};
o.o = o;
throw o;
//// a map
throw new Map([["a", 1]]);
//// a date
throw new Date(0);
//// a promise
throw Promise.resolve(1);
//// a namespace
throw github;
//// a long message
throw new Error("x".repeat(10000));
//// a deep object
let o = {};
for (let i = 0; i < 500; i++) o = { o };
throw o;
//// the place is that of the throw
function inner() {
  throw new Error("here");
}
function outer() { inner(); }
outer();
//// the place is found across await
async function inner() {
  await github.echo(1);
  throw new Error("later");
}
await inner();
//// the place of a value that is no error
function inner() {
  throw { code: 5 };
}
inner();
//// the place of a mistake
const rows = undefined;
return rows.length;
//// a name that is not there
return missing + 1;
//// a rethrown tool error keeps its tool
try {
  await github.fail({});
} catch (error) {
  error.message = "while filing: " + error.message;
  throw error;
}
//// an uncaught tool error has the place of the call
const first = await github.echo(1);
await github.fail({ a: first });
//// an uncaught tool error out of Promise.all
await Promise.all([github.echo(1),
  github.fail(2)]);
//// a tool error as a cause
try { await github.fail(); } catch (cause) { throw new Error("could not file", { cause }); }
//// a tool error that is read as a value
return github.fail().catch(({ name, message, kind, tool, outcome }) => ({ name, message, kind, tool, outcome }));
//// a copied tool error does not pass for one
const error = await github.fail().catch((error) => error);
throw Object.assign(new Error("copy"), error, { kind: "tool_error", tool: "github.fail" });
//// a forged tool error does not pass for one
throw Object.assign(new Error("forged"), { failure: { kind: "internal", tool: "x" }, class: "syntax" });
//// an unhandled rejection does not end the program
Promise.reject(new Error("lost"));
github.fail();
await github.echo(1);
return "done";
//// many unhandled rejections
for (let i = 0; i < 20; i++) Promise.reject(new Error("lost " + i));
return "done";
//// a rejection handled late is no news
const p = Promise.reject(new Error("late"));
await github.echo(1);
return p.catch(() => "handled");
//// an error in a timer's callback
setTimeout(() => { throw new Error("in a timer"); }, 1);
await new Promise((resolve) => setTimeout(resolve, 5));
return "done";
//// what was returned does not count after a throw
__return("kept?");
throw new Error("after");
//// syntax the compiler let through
return new RegExp("(");
//// a completion that is not JSON
return github.raw({ text: "{" }).catch((error) => [error.name, error.message]);
//// a completion that is nested deeply
return github.raw({ text: "[".repeat(1e5) + "]".repeat(1e5) }).catch((error) => [error.name, error.message]);
//// a completion with every kind of value
return github.raw({ text: '[1e400, 9007199254740993, "\\ud800", {"__proto__": {"x": 1}, "a": 1, "a": 2}, null, true]' });
//// an empty completion is undefined
return [typeof (await github.raw({ text: "" }))];
//// what a tool's failure carries
try { await github.fail(); } catch (error) { return [error.status, error.body, error.retryAfter, Object.keys(error), error.message]; }
