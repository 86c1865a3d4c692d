const title: string = "It broke";
const issue = await github.create_issue({ title, body: "…" });
await tools.slack.post({ ...input, text: issue.url });
await callHostTool("get-weather", { city: "Tokyo" });
await orders.list();
await orders.get(issue.id);
return await codemode.search("issues");
