const name = "orders." + "list";
await callBinding(name, {});
