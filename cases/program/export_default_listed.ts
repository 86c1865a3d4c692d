async function run() { return 1; }
export { run as default };
