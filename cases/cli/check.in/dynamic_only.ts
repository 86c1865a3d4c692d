return await callBinding(input.tool, {});
