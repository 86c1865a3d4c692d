import fs = require("fs");
fs.readFileSync("a");
