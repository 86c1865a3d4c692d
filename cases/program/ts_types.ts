declare const secret: string;
declare function hidden(): void;
abstract class Shape<T extends object = {}> {
  declare kind: string;
  protected readonly tag!: T;
  constructor(public name: string, private readonly sides: number = 4) {}
  abstract area(): number;
  describe(this: Shape<T>): string { return `${this.name}${this.sides}`; }
}
class Square extends Shape<{}> implements Iterable<number> {
  override area(): number { return 1; }
  *[Symbol.iterator](): Generator<number> { yield 1; }
}
type Keys<T> = { readonly [K in keyof T as `get${string & K}`]-?: () => T[K] };
const keys = <const T,>(value: T): T => value;
let value: unknown = <string>"a";
const known = (value as string)!.length satisfies number;
function assertIsString(x: unknown): asserts x is string {}
for (const key in { a: 1 } as Record<string, number>) keys(key);
const tuple: [first: string, ...rest: number[]] = ["a"];
let definite!: number;
export type { Keys };
known;
