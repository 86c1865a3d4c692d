declare namespace names {
 function f(input?: {
  promise?: Promise_;
  record?: Record_;
  string?: String_;
  p1?: PetStore_3;
  p2?: PetStore_2;
  p3?: PETSTORE;
  two?: _2fa;
  odd?: ABCD;
  cn?: 宠物;
  party?: PartyTime;
  ball?: Type;
  f?: F;
  free?: Record<string, unknown>;
 }): Promise<unknown>;
 function odd(input: {
  constructor?: Function | string;
  __proto__?: string;
  "a-b": string;
  "1"?: number;
  "01"?: number;
  ""?: string;
  "ü"?: string;
  new?: string;
  get?: string;
  readonly?: string;
  "say \"hi\"\\\n\u2028"?: string;
  toString?: Function | string;
  "\u202e"?: string;
 }): Promise<unknown>;
 function undefined(input?: Record<string, unknown>): Promise<unknown>;
 function Promise(input?: Record<string, unknown>): Promise<unknown>;
 function delete_(input?: Record<string, unknown>): Promise<unknown>;
 function globalThis(input?: Record<string, unknown>): Promise<unknown>;
 function 日本(input?: Record<string, unknown>): Promise<unknown>;
 function then(input?: Record<string, unknown>): Promise<unknown>;
 function constructor(input?: Record<string, unknown>): Promise<unknown>;
 interface Promise_ {
  a?: string;
  /** Because. */ why?: string;
 }
 interface Record_ {
  b?: string;
  /** Because. */ why?: string;
 }
 interface String_ {
  c?: string;
  /** Because. */ why?: string;
 }
 interface PetStore_3 {
  d?: string;
  /** Because. */ why?: string;
 }
 interface PetStore_2 {
  e?: string;
  /** Because. */ why?: string;
 }
 interface PETSTORE {
  f?: string;
  /** Because. */ why?: string;
 }
 interface _2fa {
  g?: string;
  /** Because. */ why?: string;
 }
 interface ABCD {
  h?: string;
  /** Because. */ why?: string;
 }
 interface 宠物 {
  i?: string;
  /** Because. */ why?: string;
 }
 interface PartyTime {
  j?: string;
  /** Because. */ why?: string;
 }
 interface Type {
  k?: string;
  /** Because. */ why?: string;
 }
 interface F {
  l?: string;
  /** Because. */ why?: string;
 }
}
