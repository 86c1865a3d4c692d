async function early() { return o.first({}); }
const { list, get: fetchOne } = orders;
const o = orders;
const { github: { close } } = tools;
const again = o;
await list({ page: 1 });
await fetchOne();
await again.remove({ id: 1 });
await close({});
const { log } = console;
log("x");
await early();
