await github.list_issues({ state: "open" });
return await tools[input.connector].list({});
