const orders = [1, 2, 3];
const total = orders.reduce((a, b) => a + b;
return total;
