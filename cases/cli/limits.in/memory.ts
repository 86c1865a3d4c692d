const all: string[] = [];
for (let i = 0; ; i += 1) {
  all.push(`row ${i}`.padEnd(1000));
}
