declare namespace objects {
 function open(input: {a: string; b?: number; [k: string]: unknown}): Promise<unknown>;
 function same(input: {a: string; [k: string]: string}): Promise<unknown>;
 function optional_same(input?: {a?: string; [k: string]: unknown}): Promise<unknown>;
 function patterns(input?: Record<string, string | number>): Promise<unknown>;
 function maps(input?: {
  m?: Record<string, number>;
  n?: Record<string, Record<string, string[]>>;
  o?: Record<string, unknown>;
  p?: {};
  q?: Record<string, unknown>;
  r?: {x?: string; [k: string]: unknown};
 }): Promise<unknown>;
 function tuples(input?: {
  a?: [string, number];
  b?: [string, number?, ...boolean[]];
  c?: [string, number];
  d?: [string, ...(number | null)[]];
  e?: [...string[]];
  f?: unknown[];
  g?: unknown[];
 }): Promise<unknown>;
 function values(input?: {
  a?: "x" | 1 | true | null;
  b?: unknown;
  c?: "a" | "b" | null;
  d?: {k: [1, "two", null]};
  e?: "1" | "2";
  f?: "a";
  g?: boolean;
  /** @example "c0", "c1", "c2", … (150 values) */ h?: string;
  i?: -1.5;
  j?: string | "b";
  k?: null;
  l?: "a" | "b";
 }): Promise<unknown>;
 function kinds(input: {
  a?: number;
  b?: number;
  c?: string;
  d?: unknown;
  e?: unknown;
  f?: unknown;
  g: string;
  /** Anything. */ h?: unknown;
 }): Promise<unknown>;
 function required_only(input: {a: unknown}): Promise<unknown>;
 function anything(input?: unknown): Promise<unknown>;
 function nothing(input: never): Promise<unknown>;
 function text(input: string): Promise<unknown>;
}
