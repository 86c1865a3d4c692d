const orders = await tools.orders.list({ since: "2026-04-01" });
const customers = await tools.customers.batchGet(
  orders.map(o => o.customerId)
);
return orders
  .map(o => ({ ...o, customer: customers[o.customerId] }))
  .filter(o => o.total > 100)
  .slice(0, 3);
