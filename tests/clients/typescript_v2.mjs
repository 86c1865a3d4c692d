// The TypeScript SDK, version 2 (`@modelcontextprotocol/client`), in both eras.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { answer, args, capabilities, command, url, walk } from './walk.mjs';

for (const mode of ['legacy', { pin: '2026-07-28' }]) {
    const client = new Client({ name: 'walk', version: '1.0.0' }, { capabilities, versionNegotiation: { mode } });
    client.setRequestHandler('elicitation/create', answer);
    await client.connect(url ? new StreamableHTTPClientTransport(url) : new StdioClientTransport({ command, args }));
    await walk({
        server: () => client.getServerVersion(),
        instructions: () => client.getInstructions(),
        tools: async () => (await client.listTools()).tools,
        call: (name, args, options) => client.callTool({ name, arguments: args }, options),
    });
    await client.close();
}
