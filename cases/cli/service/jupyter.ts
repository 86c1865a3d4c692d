// Finds the operations it needs, learns what one of them takes, and joins what two files hold.
const [save] = (await codemode.search("save or upload a file", { connector: "jupyter", limit: 1 })).results;
const [read] = (await codemode.search("get the contents of a file", { connector: "jupyter", limit: 1 })).results;
const { types } = await codemode.describe(save.path);

const files = {
  "orders.json": [
    { id: "ord_1", customer: "cus_2", total: 120 },
    { id: "ord_2", customer: "cus_1", total: 80 },
  ],
  "customers.json": [
    { id: "cus_1", name: "Ada" },
    { id: "cus_2", name: "Ben" },
  ],
};
await Promise.all(
  Object.entries(files).map(([path, rows]) =>
    callBinding(save.path, { path, body: { type: "file", format: "text", content: JSON.stringify(rows) } })),
);

const [orders, customers] = await Promise.all(
  Object.keys(files).map(async (path) => JSON.parse((await callBinding(read.path, { path, type: "file", format: "text" })).content)),
);
const names = Object.fromEntries(customers.map(({ id, name }) => [id, name]));

// The same without an operation of its own.
const raw = await jupyter.request({
  method: "GET",
  path: "/api/contents/{path}",
  pathParams: { path: "orders.json" },
  query: { content: 0 },
});
const missing = await callBinding(read.path, { path: "no such file" }).catch(({ status, outcome }) => ({ status, outcome }));

return {
  found: [save.path, read.path],
  takesContent: types.includes("content?: string"),
  orders: orders.map(({ id, customer, total }) => ({ id, customer: names[customer], total })),
  raw: { name: raw.name, content: raw.content },
  missing,
  gone: await jupyter.delete_api_contents_path("customers.json"),
};
