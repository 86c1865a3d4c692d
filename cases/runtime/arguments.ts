What a tool is called with, and what is refused before it is sent.
//// as the schema says
return github.create_issue({ title: "x", labels: ["a", "b"] });
//// a missing property
await github.create_issue({ labels: [] });
//// no argument at all
await github.create_issue();
//// a property of another type
await github.create_issue({ title: 5 });
//// a wrong item
await github.create_issue({ title: "x", labels: ["a", 5] });
//// an unknown property
await github.create_issue({ title: "x", label: ["a"] });
//// several at once
await host.add({ a: "1" });
//// caught, it tells the program
return host.add({ a: 1 }).catch((error: any) => [error.name, error.kind, error.tool, error.outcome, error.message]);
//// a bare value becomes the one required property
return [await host["get-weather"]("Tokyo"), await host.batch([1, 2, 3])];
//// null is an empty object
return host.echo(null);
//// a bare value where nothing is required
await host.echo("text");
//// a bare value of the wrong type
await host["get-weather"](5);
//// a bare value where two are required
await host.add(5);
//// two arguments
await host.add(1, 2);
//// undefined properties are left out
return host.echo({ a: undefined, b: null });
//// what is sent is what was passed when it was called
const argument = { n: 1 };
const call = host.echo(argument);
argument.n = 2;
return call;
//// a bigint
await host.echo({ id: 5n });
//// too many bytes {"limits": {"arguments": "1KiB"}}
await host.echo({ text: "x".repeat(2000) });
//// too deep {"limits": {"depth": "5"}}
await host.echo({ a: { a: { a: { a: { a: { a: 1 } } } } } });
//// a result too large {"limits": {"tool-result": "1KiB"}}
return host.big({ bytes: 5000 }).catch((error: any) => [error.message, error.outcome]);
