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
