import type { A } from "a";
import { type B } from "b";
import { C } from "c";
import Unused from "unused";
import type D = require("d");
const x: C | A | B = 1;
return x;
