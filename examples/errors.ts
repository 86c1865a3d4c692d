// A tool's failure is an exception: what the program does not catch ends the run, and says where.
interface Attempt {
  tool: string;
  outcome: string;
}

const attempts: Attempt[] = [];

async function attempt(tool: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
    attempts.push({ tool, outcome: "ok" });
  } catch (error) {
    attempts.push({ tool, outcome: `${error.name}: ${error.message}` });
  }
}

await attempt("slow", () => demo.slow({ ms: 1 }));
await attempt("fail", () => demo.fail({ message: "out of stock" }));
// Refused before anything is sent: the arguments do not fit the tool's schema.
await attempt("calculate", () => demo.calculate({ formula: "1 + 1" }));
console.error(`${attempts.length} calls tried`);

return attempts;
