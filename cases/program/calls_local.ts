const github = { create: async (x: unknown) => x };
await github.create({ a: 1 });
const items = [3, 1];
items.sort().map((x) => x + 1)
