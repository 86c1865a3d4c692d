What policy forbids is not sent; the last rule that matches decides.
//// a denied tool {"policy": [["deny", "github.delete_repo"]]}
await github.delete_repo({ name: "x" });
//// a denied tool, caught {"policy": [["deny", "github.delete_repo"]]}
try {
  await github.delete_repo({ name: "x" });
} catch (error: any) {
  return [error.name, error.kind, error.tool, error.outcome, error.message];
}
//// the last rule wins {"policy": [["deny", "github.*"], ["allow", "github.list_*"]]}
const issues = await github.list_issues({});
await github.create_issue({ title: "x" });
//// and the other way round {"policy": [["allow", "github.list_*"], ["deny", "github.*"]]}
await github.list_issues({});
//// a slip of the name does not get around it {"policy": [["deny", "delete_repo"]]}
const ways = [
  () => github.deleteRepo({}), () => github.DELETE_REPO({}), () => github["delete-repo"]({}), () => tools.github.delete_repo({}),
  () => tools.GITHUB.deleteRepo({}), () => codemode.delete_repo({}), () => codemode.deleteRepo({}), () => callBinding("delete_repo", {}),
  () => callBinding("github.delete_repo", {}), () => callHostTool("GitHub.DeleteRepo", {}),
];
const kinds = [];
for (const way of ways) kinds.push(await way().then(() => "called", (error: any) => error.kind));
return [...new Set(kinds)];
//// by its own name and by its identifier {"policy": [["deny", "get-weather"]]}
await host.get_weather({ city: "x" });
//// by its identifier {"policy": [["deny", "host.get_weather"]]}
await host["get-weather"]({ city: "x" });
//// everything denied {"policy": [["deny", "*"]]}
return Promise.all([host.echo({}), github.search({}), files.search({})].map((call) => call.catch((error: any) => error.kind)));
//// invalid arguments of a denied tool are no news {"policy": [["deny", "add"]]}
await host.add({});
//// what a person has to approve {"policy": [{"tools": "github.delete_*", "action": "ask", "reason": "deleting is final"}]}
await github.delete_repo({ name: "x" });
//// the same, caught {"policy": [["ask", "github.*"]]}
return github.delete_repo({ name: "x" }).catch((error: any) => [error.name, error.kind, error.tool, error.outcome]);
//// other branches go on {"policy": [["ask", "github.delete_repo"]]}
return Promise.allSettled([github.delete_repo({}), github.list_issues({})]).then((all) => all.map((one) => one.status));
//// arguments that do not fit are said first {"policy": [["ask", "add"]]}
await host.add({});
//// g46_ the value that is sent is the one that is judged {"policy": [{"tools": "host.echo", "action": "deny", "when": {"amount": {"gt": 100}}}]}
const amounts = [100, 1e2, 1.01e2, 0x65, -0, "100", "\u0661\u0660\u0661", NaN, Infinity, 10n, null, undefined, [101], { valueOf: () => 1 }, new Number(7), true];
const outcomes = [];
for (const amount of amounts) outcomes.push(await host.echo({ amount } as any).then((sent: any) => sent, (error: any) => error.kind));
return outcomes;
//// g46_ getters and toJSON are read once {"policy": [{"tools": "host.echo", "action": "deny", "when": {"amount": {"gt": 100}}}]}
let reads = 0;
const slippery = { get amount() { return reads++ === 0 ? 1 : 1000; } };
const turncoat = { amount: 1, toJSON() { return { amount: 1000 }; } };
return [await host.echo(slippery), reads, await host.echo(turncoat).catch((error: any) => error.kind)];
//// a bare value is judged as the property it is sent as {"policy": [{"tools": "get-weather", "action": "deny", "when": {"city": "Tokyo"}}]}
return [await host.get_weather("Paris"), await (host.get_weather as any)("Tokyo").catch((error: any) => error.message)];
//// described {"policy": [["ask", "github.delete_repo"], {"tools": "github.create_issue", "action": "ask", "when": {"title": "x"}}, ["deny", "github.search"]]}
const paths = ["delete_repo", "create_issue", "search", "list_issues"];
const described = await Promise.all(paths.map((tool) => codemode.describe(`github.${tool}`)));
const found = await codemode.search("delete repo", { limit: 1, detail: "name" });
return [described.map(({ requiresApproval, denied }: any) => [requiresApproval, denied ?? false]), found.results.map(({ score, ...rest }: any) => rest)];
