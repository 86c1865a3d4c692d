export const a = 1;
export function b() { return a; }
export enum Kind { One }
export type T = string;
export { a as c };
export type { T as U };
b();
