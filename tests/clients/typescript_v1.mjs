// The TypeScript SDK, version 1 (`@modelcontextprotocol/sdk`), which speaks the older era only.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

import { answer, args, capabilities, command, url, walk } from './walk.mjs';

const client = new Client({ name: 'walk', version: '1.0.0' }, { capabilities });
client.setRequestHandler(ElicitRequestSchema, answer);
await client.connect(url ? new StreamableHTTPClientTransport(url) : new StdioClientTransport({ command, args }));
await walk({
    server: () => client.getServerVersion(),
    instructions: () => client.getInstructions(),
    tools: async () => (await client.listTools()).tools,
    call: (name, args, options) => client.callTool({ name, arguments: args }, undefined, options),
});
await client.close();
