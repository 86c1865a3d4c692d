"""The Python SDK (`mcp`), in both eras."""

import asyncio

from mcp import Client, StdioServerParameters, types

from walk import target, url, walk


class Adapter:
    def __init__(self, client):
        self.client = client
        self.server = client.server_info
        self.instructions = client.instructions

    async def tools(self):
        return (await self.client.list_tools()).tools

    async def call(self, name, arguments, progress=None):
        return await self.client.call_tool(name, arguments, progress_callback=progress)


async def answer(context, params):
    assert params.message == "tests: What is your name?"
    return types.ElicitResult(action="accept", content={"name": "Ada"})


async def main():
    for mode, revision in (("legacy", "2025-11-25"), ("auto", "2026-07-28")):
        server = url or StdioServerParameters(command=target[0], args=target[1:])
        async with Client(server, mode=mode, elicitation_callback=answer) as client:
            assert client.protocol_version == revision, client.protocol_version
            await walk(Adapter(client))


asyncio.run(main())
