"""fastmcp's client, which chooses the era itself."""

import asyncio

from fastmcp import Client
from fastmcp.client.transports import StdioTransport

from walk import target, url, walk


class Adapter:
    def __init__(self, client):
        self.client = client
        self.server = client.server_info
        self.instructions = client.instructions

    async def tools(self):
        return await self.client.list_tools()

    async def call(self, name, arguments, progress=None):
        return await self.client.call_tool_mcp(name, arguments, progress_handler=progress)


async def answer(message, response_type, params, context):
    assert message == "tests: What is your name?"
    return {"name": "Ada"}


async def main():
    server = url or StdioTransport(command=target[0], args=target[1:], keep_alive=False)
    async with Client(server, elicitation_handler=answer) as client:
        await walk(Adapter(client))


asyncio.run(main())
