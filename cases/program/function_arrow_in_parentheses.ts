(async (input: any) => orders.list(input));
