class A {
  #a = 1;
  static async *[Symbol.asyncIterator]() { yield* []; }
  get a(): number { return this.#a }
  set a(v: number) { this.#a = v }
}
const o = { __proto__: null, async *g() {}, get [`x${1}`]() { return 1 } };
var { a = 1, ...b } = new A();
[a] = [b] as any;
async () => { for await (const x of A) x; };
o?.["g"]
