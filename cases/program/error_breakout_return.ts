return 1; }); globalThis.x = 1; (function () {
