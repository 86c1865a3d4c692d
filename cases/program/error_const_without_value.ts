const a: number;
