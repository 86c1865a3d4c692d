// Which customers have spent most since April? Two lists stay in the sandbox, three lines come back.
const orders = await shop.list({ since: "2026-04-01" });
const spent = new Map<string, number>();
for (const { customerId, total } of orders) {
  spent.set(customerId, (spent.get(customerId) ?? 0) + total);
}
const best = [...spent].sort(([, a], [, b]) => b - a).slice(0, 3);
const customers = await shop.batchGet({ ids: best.map(([id]) => id) });
return best.map(([id, total]) => `${customers[id].name}: ${total.toFixed(2)}`);
