function f() { return 1; }
function f() { return 2; }
var unused = 3, unused = 4;
f();
