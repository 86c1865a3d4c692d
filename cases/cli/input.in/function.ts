async (numbers: number[]) => numbers.reduce((sum, n) => sum + n)
