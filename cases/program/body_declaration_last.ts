await orders.list();
const done = true;
