declare namespace combined {
 function pets(input: {pet: Cat & {kind: "cat"} | Dog & {kind: "dog"}}): Promise<(Cat & {kind: "cat"} | Dog & {kind: "dog"})[]>;
 function accounts(input: {account: {password?: string; name: string; tags?: TagInput[]}}): Promise<Account>;
 function merged(input: {c?: boolean; a: string; b: number}): Promise<unknown>;
 function either(input: {a?: string; b?: string} & ({a: unknown} | {b: unknown})): Promise<unknown>;
 function arrays(input?: {
  mixed?: (string | number)[];
  inter?: (Cat & {x?: string})[];
  maybe?: (string | null)[];
  lists?: ("a" | "b")[][];
 }): Promise<unknown>;
 function siblings(input?: {
  a?: Cat & {extra: string};
  /** A cat. */ b?: Cat | null;
  c?: Cat;
 }): Promise<unknown>;
 function conditional(input: {kind: string; a?: string; b?: number; d?: string}): Promise<unknown>;
 function nots(input?: {a?: never; b?: unknown; c?: never; d?: unknown; e?: unknown}): Promise<unknown>;
 function nulls(input?: {
  a?: string | null;
  b?: null;
  c?: string | null;
  d?: Cat | null;
  e?: Cat | null;
  f?: {a?: string} | null;
  g?: string | number | string[];
 }): Promise<unknown>;
 interface Cat {
  kind: string;
  /** How many are left. */ lives: number;
 }
 interface Dog {
  kind: string;
  /** What it can do. */ tricks: string[];
 }
 interface TagInput {
  /** Shown to all. */ label: string;
 }
 interface Account {
  /** Given by the server. */ id: string;
  name: string;
  tags?: Tag[];
 }
 interface Tag {
  /** Shown to all. */ label: string;
  uses?: number;
 }
}
