async ({ id, limit = 10 }: { id: number; limit?: number }) => {
  return orders.get({ id, limit });
}
