Connectors as values: what looks at one without calling it calls nothing.
//// await, print and write a namespace
await github;
await tools;
await tools.github;
console.log(github, tools, codemode);
return [JSON.stringify(github), JSON.stringify({ tools, codemode }), String(Object.prototype.toString.call(github))];
//// what any object is asked for is undefined
const keys = ["then", "toJSON", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf", "__proto__", "__defineGetter__", "__lookupGetter__"];
return [github, tools, tools.github].map((namespace) => keys.filter((key) => namespace[key] !== undefined));
//// symbols
return [github, tools, codemode].map((namespace) =>
  [Symbol.iterator, Symbol.asyncIterator, Symbol.toPrimitive, Symbol.toStringTag, Symbol.species, Symbol("x")].map((symbol) => typeof namespace[symbol]));
//// String() of a namespace
return String(github);
//// a template with a namespace
return `${tools}`;
//// arithmetic with a namespace
return github + 1;
//// spread and iterate
try { return [...github]; } catch (error) { return [error.name, { ...github }]; }
//// typeof
return [typeof github, typeof tools, typeof codemode, typeof github.echo, typeof github.no_such_tool, typeof tools.anything, typeof tools.anything.at_all, typeof codemode.echo];
//// keys
return [Object.keys(github), Object.keys(tools), Object.keys(tools.odd), Object.keys(tools.nothing), Object.keys(codemode), Object.keys(empty)];
//// own property names and descriptors
return [Reflect.ownKeys(github), Object.getOwnPropertyNames(tools), Object.entries(Object.getOwnPropertyDescriptor(github, "echo")).map(([key, value]) => [key, typeof value]), Object.getOwnPropertyDescriptor(github, "nope") === undefined];
//// in
return ["echo" in github, "nope" in github, "then" in github, "then" in odd, "github" in tools, "nope" in tools, "echo" in codemode, Symbol.iterator in github];
//// for in
const seen = [];
for (const key in github) seen.push(key);
for (const key in tools) seen.push(key);
return seen;
//// Object.values and entries
return [Object.values(github).map((f) => typeof f), Object.entries(tools).map(([name, namespace]) => [name, typeof namespace])];
//// identity
return [github.echo === github.echo, tools.github === tools.github, tools.github.echo === tools.github.echo, codemode.echo === codemode.echo, github.echo === github.fail];
//// a tool is a function with its name
return [github.echo.name, github.echo.length, github.no_such.name, typeof github.echo.call, Object.keys(github.echo), String(github.echo)];
//// a tool called in other ways
const { echo } = github;
return [await echo(1), await echo.call(null, 2), await echo.apply(undefined, [3]), await echo.bind(null, 4)(), await Reflect.apply(echo, 5, [5]), await [6].map(echo)[0].catch((error) => error.message)];
//// a tool is no constructor
new github.echo({});
//// assignment is refused
github.echo = () => "fake";
//// assignment of a new name is refused
github.mine = 1;
//// assignment to tools is refused
tools.github = {};
//// deletion is refused
delete github.echo;
//// definition is refused
Object.defineProperty(github, "echo", { value: 1 });
//// Object.assign is refused
Object.assign(tools, { github: 1 });
//// a changed prototype is refused
Object.setPrototypeOf(github, { mine: 1 });
//// the global cannot be replaced
github = {};
//// the global cannot be deleted or defined
const out = [];
try { delete globalThis.github; } catch (error) { out.push(error.name); }
try { Object.defineProperty(globalThis, "github", { value: 1 }); } catch (error) { out.push(error.name); }
return [out, await github.echo(1)];
//// freezing and sealing
return [Object.isExtensible(github), Object.getPrototypeOf(github), [Object.freeze, Object.seal].map((f) => { try { return f(github) === github; } catch (error) { return error.name; } })];
//// a namespace as a prototype
const mine = Object.create(github);
return [await mine.echo(1), typeof mine.then];
//// a namespace in a proxy
return new Proxy(github, {}).echo(1);
//// clone of a namespace
structuredClone(github);
//// equality and maps
const map = new Map([[github, "g"], [tools.github, "t"]]);
return [map.size, map.get(github), github === tools.github];
//// tools named like members of every object
return [typeof odd.then, typeof odd.toJSON, typeof odd.constructor, typeof odd.toString, typeof odd["a b"], typeof odd.größe, typeof odd.__proto__];
//// codemode has them too, by their bare names
return [typeof codemode.then, typeof codemode.toString, typeof codemode["a b"]];
//// await a namespace that has a tool named then
const value = await Promise.race([odd, new Promise((resolve) => setTimeout(resolve, 10, "timer"))]);
return typeof value;
//// write a namespace that has a tool named toJSON
return [odd];
//// odd names reach the host as written
return [await odd["a b"](1), await odd.größe(2), await github[""](3), await github["a.b"](4), await github["🎉"](5), await github[7](6), await tools["no such"].tool(7)];
//// lone surrogates in names
return [await github["\ud800"](1), await tools["\udc00"].x(2), await callBinding("\ud800", 3), "\ud800" in github];
//// names with NUL
return Promise.all([github["echo\0x"](1), tools["github\0echo"].x(2), callBinding("a\0b", 3)].map((call) => call.catch((error) => error.message)));
//// long names
const long = "x".repeat(5000);
return Promise.all([github[long](1), tools[long].x(2), callBinding(long, 3), codemode[long](4)]);
//// very long names
const long = "x".repeat(3e6);
return [long in github, long in tools, Object.keys(tools[long])];
//// tools, callBinding, callHostTool and codemode
return [await tools.github.echo(1), await callBinding("echo", 2), await callHostTool("github.echo", 3), await codemode.echo(4)];
//// names of codemode's own are no tools
return ["search", "describe", "result", "step", "run", "resources", "prompts"].map((name) => typeof codemode[name]);
//// callBinding without a name
return Promise.all([callBinding(), callBinding(5), callBinding({ toString: () => "echo" })].map((call) => call.catch((error) => error.name + ": " + error.message)));
//// callBinding takes one argument besides the name
return callBinding("echo", 1, 2).catch((error) => error.message);
//// a call that is not awaited is still made
github.create_issue({ n: 1 });
return 1;
//// calls are numbered in the order they are made
const calls = [3, 1, 2].map((n) => github.echo(n));
return Promise.all(calls);
//// a thousand tools cost nothing until they are called
for (let i = 0; i < 1000; i++) github["tool" + i];
return "made";
//// functions of codemode take any number of arguments
return [await codemode.search("open issues", { limit: 3 }), await codemode.describe("a.b"), await codemode.search(), await codemode.search(undefined, () => {}, [1], null)];
//// what JSON cannot hold is refused in them too
return Promise.allSettled([codemode.search("x", { limit: 1n }), codemode.result(new Promise(() => {}))]).then((all) => all.map(({ reason }) => reason.message));
//// functions of codemode as values
const { search } = codemode;
return [search === codemode.search, search.name, search.length, (await search("x")).ok, "search" in codemode, Object.keys(codemode)];
//// resources and prompts
const { resources, prompts } = codemode;
const out = [Object.keys(resources), Object.keys(prompts), Object.isFrozen(resources), resources === codemode.resources, resources.then, `${typeof resources.list}`];
await resources.list("github");
await resources.read("github", "file:///a");
await prompts.list("github");
await prompts.get("github", "greet", { name: "Ada" });
return out;
