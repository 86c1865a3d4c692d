export default async function ({ a }) { return a; }
