All the ways to name a tool.
//// as a member
return github.create_issue({ title: "x" });
//// through tools
return tools.github.create_issue({ title: "x" });
//// by its own name in brackets
return host["get-weather"]({ city: "Tokyo" });
//// by its identifier
return host.get_weather({ city: "Tokyo" });
//// in camelCase
return [await github.createIssue({ title: "x" }), await host.getWeather({ city: "Tokyo" })];
//// with a connector in another case
return tools.GitHub.CREATE_ISSUE({ title: "x" });
//// by a bare name through codemode
return [await codemode.create_issue({ title: "x" }), await codemode.getWeather({ city: "Tokyo" })];
//// by callBinding and callHostTool
return [
  await callBinding("create_issue", { title: "x" }),
  await callBinding("github.create_issue", { title: "y" }),
  await callHostTool("get-weather", { city: "Tokyo" }),
  await callHostTool("host.get-weather", { city: "Oslo" }),
];
//// a bare name that two connectors have, by callBinding
await callBinding("search", { q: "x" });
//// the same by its connector
return [await github.search({ q: "x" }), await callBinding("files.search", { q: "y" })];
//// looking at a namespace calls nothing
await github;
await tools;
return [JSON.stringify({ github, tools }), Object.keys(github), Object.keys(tools), "create_issue" in github, typeof github.nope, github.then];
//// a tool passed around
const { create_issue } = github;
return Promise.all(["a", "b"].map((title) => create_issue({ title })));
//// names of every object are no tools
await github.toString();
//// nothing like it
await github.zzzzzz({});
