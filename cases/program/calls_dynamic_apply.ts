await orders.list.call(null, { page: 1 });
