const a = "never closed;
return a;
