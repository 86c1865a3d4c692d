function load() {
  const list = await orders.list();
  return list;
}
