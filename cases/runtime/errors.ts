Where a failure is, in the text as it was submitted.
//// a throw
const a = 1;
if (a)
  throw new RangeError("too much");
//// a throw of something else
throw { code: 5, why: "because" };
//// in a function
function inner(x: string): never {
  throw new Error(`bad ${x}`);
}

function outer() {
  inner("thing");
}
outer();
//// a mistake in an expression over several lines
const rows: any = [{ id: 1 }];
return rows
  .map((row: any) => row.id)
  .filter((id: number) => id.toFixed())
  .map((id: any) => id.missing.name);
//// after an await
const first = await host.echo({ a: 1 });
const second: any = await host.echo({ a: 2 });
second.missing.call();
//// after text that is not ASCII
const größe = "😀😀😀"; const x = "日本語"; throw new Error("here: " + größe.length);
//// after types that are taken out
type Long = { a: string; b: number; c: boolean };
interface Other extends Long { d: Date }
const value = { a: "x" } as unknown as Other; value.d.getTime();
//// in a fenced block
I will read the rows first.

```typescript
const rows: number[] | null = JSON.parse("null");
console.log(rows!.length);
```
//// with tabs and carriage returns
	const a = 1;
	throw new Error("tabbed");
//// an unknown name
const answer = await weather.today({});
//// an unknown tool
await github.create_isue({ title: "x" });
//// an unknown tool of an unknown connector
await tools.gihub.create_issue({ title: "x" });
//// an unknown bare name
await callBinding("creat_issue", { title: "x" });
//// a tool error
const before = 1;
await host.fail({ message: "rate limit: try again in 30 s" });
//// a tool error among several calls
const [a, b] = await Promise.all([
  host.echo({ a: 1 }),
  host.fail({}),
]);
//// a tool error that is caught
try {
  await host.fail({ message: "no such thing" });
} catch (error: any) {
  return [error.name, error.message, error.tool, error.outcome, error instanceof Error];
}
//// a tool error in a helper
async function file(title: string) {
  return await host.fail({ message: title });
}
await file("first");
//// a tool error that is wrapped
try {
  await host.fail({});
} catch (error) {
  throw new Error("could not file the issue", { cause: error });
}
//// what was printed before it stays
console.log("step 1");
console.error("careful");
throw new Error("step 2");
//// a syntax error in a fence
```js
const a = [1, 2;
```
//// a promise nobody settles
await new Promise(() => {});
//// recursion without an end
function f(n: number): number {
  return f(n + 1);
}
f(0);
//// the network
await fetch("https://example.com");
//// code from text
return new Function("return 1")();
//// an unhandled rejection
Promise.reject(new Error("nobody looks"));
await host.echo({});
return "done";
