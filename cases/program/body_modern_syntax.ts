class Counter {
  #count = 0;
  static made = 0;
  static { Counter.made = 1; }
  get count() { return this.#count; }
  set count(value) { this.#count = value; }
  has(other: object) { return #count in other; }
}
const counter = new Counter();
counter.count ||= 5;
const big = 1_000n ** 2n;
const at = [1, 2, 3].at(-1) ?? 0;
const { a, ...rest } = { a: 1, b: 2 };
label: for (const x of [1, 2]) { for await (const y of []) continue label; }
try { throw 1 } catch { }
const re = /(?<year>\d{4})/v;
using resource = { [Symbol.dispose]() {} };
counter?.count?.toFixed?.(2);
