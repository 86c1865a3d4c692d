if (true) { namespace A { export const b = 1 } }
