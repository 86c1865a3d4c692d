for (const name of ["a", "b"]) await tools[name].list({});
