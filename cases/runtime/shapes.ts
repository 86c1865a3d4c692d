Programs in all the shapes that models write.
//// a body
const { temp_f } = await host["get-weather"]({ city: "Tokyo" });
return temp_f;
//// an arrow {"input": {"n": 2}}
async ({ n }: { n: number }) => n * 2
//// an arrow without async {"input": 5}
(n: number): number => n + 1
//// a function {"input": "x"}
async function main(input: string) {
  return `got ${input}`;
}
//// a function expression
(async function () {
  return await host.echo({ a: 1 });
})
//// export default {"input": 3}
export default async (n: number) => n * n;
//// export default of a value
export default { a: 1 };
//// an immediately called function
(async () => {
  return 7;
})()
//// a fenced block
Here is the program:

```ts
const answer: number = 6 * 7;
return answer;
```

It returns the answer.
//// types of every kind
interface Issue { title: string; labels?: string[] }
type Result<T> = { ok: true; value: T } | { ok: false };
enum Level { Low = 1, High }
const issue = { title: "x" } satisfies Issue as Issue;
function wrap<T>(value: T): Result<T> { return { ok: true, value }; }
return [wrap(issue!.title), Level.High, Level[1]];
//// the input is a global too {"input": {"a": [1, null, "é"]}}
return [input.a, typeof input, globalThis.input === input];
//// no input
return typeof input;
//// an empty program

//// a syntax error
const a = 1;
let x = ;
//// an import
import fs from "fs";
return fs.readFileSync("/etc/passwd");
//// a dynamic import
return await import("node:fs");
//// require
const fs = require("fs");
//// JSX
return <div/>;
//// a program over the limit {"limits": {"source": "20"}}
return "something longer than that";
