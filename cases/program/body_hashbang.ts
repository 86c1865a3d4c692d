#!/usr/bin/env -S deno run
return 1;
