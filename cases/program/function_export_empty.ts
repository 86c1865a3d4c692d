async function main(this: void, input?: { a: number }) { return input!.a }

// usage: main({ a: 1 })
export {};
