{ const a = 1; }
