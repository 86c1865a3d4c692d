(async () => {
  return await orders.list({ page: 1 });
})();
