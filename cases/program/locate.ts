// The places below are looked up in the generated text.
interface Order { id: number; total: number }

enum Kind { A, B }

const text: string = "ü😀é"; const x = input.MARK_one;

async function total(orders: Order[], kind?: Kind): Promise<number> {
  const sum = orders
    .map((order: Order) => order.total)
    .reduce((a, b) => a + b.MARK_two, 0);
  throw new Error("MARK three");
}

return `${await total([], Kind.A)}
  ${text} ${x.MARK_four}`;
