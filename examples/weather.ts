// Three tool calls in one program, two of them at once: what a model writes instead of three turns.
const [sf, tokyo] = await Promise.all([
  callHostTool("get-weather", { city: "San Francisco" }),
  callHostTool("get-weather", { city: "Tokyo" }),
]);

const diffF: number = Math.abs(sf.temp_f - tokyo.temp_f);
const diffC = await callHostTool("calculate", { expression: `${diffF} * 5 / 9` });

console.log("chained 3 tool calls in one sandbox execution");

globalThis.__return({
  san_francisco: sf,
  tokyo: tokyo,
  difference: { fahrenheit: diffF, celsius: diffC.result },
  warmer: sf.temp_f > tokyo.temp_f ? "San Francisco" : "Tokyo",
});
