Which of the things a program says is its result.
//// __return before return, last expression and output
console.log("printed");
__return({ from: "__return" });
return { from: "return" };
//// return before output
console.log("printed");
return "returned";
//// the last expression
const a: number = 1;
a + 1;
//// the last expression is awaited
host.echo({ a: 1 });
//// output when the last expression is undefined
console.log("one");
console.log("two", { a: 1 });
undefined;
//// output when there is nothing else
console.log("only output");
//// output to stderr is no result
console.error("only an error");
//// output to both
console.log("out");
console.warn("err");
//// nothing at all
const x = 1;
//// null is a result
console.log("printed");
return null;
//// a value from __return in the middle of a loop
for (const n of [1, 2, 3]) __return(n);
//// a throw after __return
__return("kept?");
throw new Error("no");
//// values that JSON changes
return { d: new Date(0), m: new Map([["a", 1]]), s: new Set([1]), n: NaN, u: undefined, t: "a\ud800b" };
//// a value JSON cannot hold
return { rows: [{ id: 10n }] };
//// a forgotten await
return { issue: github.create_issue({ title: "x" }) };
//// a cycle
const a: any = {};
a.self = a;
return a;
//// a function
return () => 1;
//// a result over the limit {"limits": {"result": "1KiB"}}
return "x".repeat(2000);
//// output over the limit {"limits": {"logs": "20"}}
for (let i = 0; ; i++) console.log(`line ${i}`);
