for (let n = 1; n <= 3; n += 1) {
  await demo.calculate({ expression: `${n} * ${n}` });
}
