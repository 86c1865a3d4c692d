function main(a: string): string;
function main(a: number): number;
function main(a: any) { return a; }
