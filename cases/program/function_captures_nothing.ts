async function main($input) { const input = 1; return [$input, input]; }
