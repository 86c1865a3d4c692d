async function main(): Promise<number> {
  return (await orders.list({})).length;
}
main();
