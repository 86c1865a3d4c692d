declare module "x" { export const a: string; }
declare global { interface Window { a: string } }
declare namespace N { const b: number; }
abstract class A { abstract a(): void; static b = 1; declare c: string }
type F = typeof A.b;
A.b;
