const a = await orders.get({ id: 1 });
a.total + 1
