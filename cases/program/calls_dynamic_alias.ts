const o = orders;
use(o);
function use(x) { return x.list({}); }
