// leading
const a = 1; /* middle */ const b = /* inline */ 2;
/** doc */
return a + b; // trailing
