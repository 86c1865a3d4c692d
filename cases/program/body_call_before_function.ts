await main();

async function main() {
  return 1;
}
type Trailing = string;
