Finding tools from within a program.
//// search, by what it does
const found = await codemode.search("open an issue");
return { ...found, results: found.results.map(({ score, ...rest }) => ({ ...rest, scored: score > 0 })) };
//// as little as possible, as much as possible
const [name] = (await codemode.search("weather", { limit: 1, detail: "name" })).results;
const [full] = (await codemode.search("weather", { limit: 1, detail: "full" })).results;
return [name.signature, name.types, full.signature, full.types];
//// named arguments, as other tools of this name want them
return (await codemode.search({ query: "add two numbers", limit: 1 })).results.map((hit) => hit.path);
//// within one connector
return (await codemode.search("search", { connector: "files" })).results.map((hit) => hit.path);
//// a connector that there is not
return codemode.search("search", { connector: "fils" });
//// nothing is like it
return codemode.search("zzzzzz");
//// call what was found
const { results: [{ path }] } = await codemode.search("temperature in a city");
return [path, await callBinding(path, "Tokyo")];
//// what policy forbids is not found {"policy": [["deny", "github.*"]]}
const found = await codemode.search("create_issue");
return [found.results.filter((hit) => hit.path.startsWith("github")), await codemode.describe("github.create_issue")];
//// describe
return codemode.describe("github.create_issue");
//// in another spelling
return (await codemode.describe("tools.host.getWeather")).path;
//// a bare name
return (await codemode.describe("get-weather")).path;
//// a connector
return codemode.describe("files");
//// a name that several have
await codemode.describe("search");
//// a name that nothing has
await codemode.describe("github.creat_isue");
//// what is no query
return Promise.allSettled([codemode.search(), codemode.search(5), codemode.search({ q: "x" }), codemode.search("x", { limt: 3 }), codemode.search("x", { detail: "all" }), codemode.describe(), codemode.describe({}), codemode.result()])
  .then((all) => all.map(({ reason }) => `${reason.name}: ${reason.message}`));
//// an uncaught one has a place
const hits =
  await codemode.search("x", { limit: "3" });
//// a result type that was observed
await github.create_issue({ title: "x" });
return (await codemode.describe("github.create_issue")).types;
//// they count as calls, and are not listed {"limits": {"calls": "3"}}
for (;;) await codemode.describe("host.echo");
