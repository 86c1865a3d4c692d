const a = `never
closed;
