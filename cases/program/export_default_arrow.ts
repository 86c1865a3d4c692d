export default async (input: { n: number }) => input.n * 2;
