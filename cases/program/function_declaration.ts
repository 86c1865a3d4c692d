type Input = { id: number };

export type Output = string;
async function main(input: Input): Promise<Output> {
  return `order ${input.id}`;
}
