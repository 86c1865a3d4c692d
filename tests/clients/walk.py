"""What each Python client does with `codemode serve`, whatever its library.

The arguments of a script are the file to which upstream.py writes what happens to it, and the URL of the server or the
command that starts it.
"""

import asyncio
import pathlib
import sys

log = pathlib.Path(sys.argv[1])
target = sys.argv[2:]
url = target[0] if target[0].startswith("http") else None

# How long to wait for what must come, in steps of 50 ms.
PATIENCE = 200


async def eventually(what, look):
    for _ in range(PATIENCE):
        if found := await look():
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"never {what}")


def logged(line):
    return log.read_text().splitlines().count(line) if log.exists() else 0


async def walk(client):
    """`client` has `server`, `instructions`, `tools()` and `call(name, arguments, progress)`.

    An answer has `is_error`, `structured_content` and `content`, as both libraries have them.
    """
    assert client.server.name == "codemode"
    assert "TypeScript" in client.instructions

    tools = await client.tools()
    names = [tool.name for tool in tools]
    assert "search" in names and "execute" in names, names
    for tool in tools:
        assert tool.title and tool.description and tool.input_schema["properties"], tool.name
    assert [tool.name for tool in await client.tools()] == names

    async def find():
        answer = await client.call("search", {"query": "add two numbers"})
        return [found for found in answer.structured_content["results"] if found["path"] == "tests.add"]

    # A server that has just started may still be connecting.
    assert "a: number" in (await eventually("found tests.add", find))[0]["signature"]

    executed = await client.call("execute", {"code": "return await tests.add({ a: 20, b: 22 })"})
    assert not executed.is_error
    assert executed.structured_content["status"] == "completed"
    assert executed.structured_content["result"] == 42
    assert "42" in executed.content[0].text

    failed = await client.call("execute", {"code": 'const a = 1;\n\nthrow new Error("no luck " + a)'})
    assert failed.is_error
    assert "no luck 1" in failed.content[0].text
    assert failed.structured_content["error"]["line"] == 3

    refused = await client.call("execute", {"code": "await tests.fail({})"})
    assert refused.is_error
    assert "the disk is full" in refused.content[0].text

    misused = await client.call("execute", {})
    assert misused.is_error
    assert "code" in misused.content[0].text

    updates = []

    async def progress(done, total, message):
        updates.append((done, message or ""))

    counted = await client.call("execute", {"code": "return await tests.count({})"}, progress)
    assert counted.structured_content["result"] == 3
    assert any("tests.count" in message for _, message in updates), updates
    assert all(earlier[0] < later[0] for earlier, later in zip(updates, updates[1:])), updates

    asked = await client.call("execute", {"code": "return await tests.ask({})"})
    assert asked.structured_content["result"] == "accept: Ada", asked

    waited, cancelled = logged("waiting"), logged("cancelled")
    waiting = asyncio.ensure_future(client.call("execute", {"code": "await tests.wait({})"}))

    async def is_waiting():
        return logged("waiting") > waited

    async def is_cancelled():
        return logged("cancelled") > cancelled

    await eventually("waited", is_waiting)
    waiting.cancel()
    try:
        await waiting
        raise AssertionError("a cancelled call answered")
    except asyncio.CancelledError:
        pass
    await eventually("cancelled upstream", is_cancelled)
