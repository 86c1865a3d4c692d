const input = { id: 7 };
return orders.get(input);
