#!/usr/bin/env python3
"""An MCP server of the older era with which the clients' walk is made, in plain JSON-RPC over standard input and output.

What happens to the tool `wait` is written to the file that is named as the argument: "waiting" when it was called,
"cancelled" when it was told that nobody waits any more.
"""

import json
import sys
import threading
import time

log = open(sys.argv[1], "a", buffering=1)
# The calls that wait for the user, by the ids of the questions.
asked = {}
can_ask = False
lock = threading.Lock()

NUMBERS = {"a": {"type": "number"}, "b": {"type": "number"}}
TOOLS = [
    {"name": "add", "description": "Add two numbers", "inputSchema": {"type": "object", "properties": NUMBERS, "required": ["a", "b"]}},
    {"name": "fail", "description": "Fail, always", "inputSchema": {"type": "object", "properties": {}}},
    {"name": "count", "description": "Count to three and tell of it", "inputSchema": {"type": "object", "properties": {}}},
    {"name": "ask", "description": "Ask the user for a name", "inputSchema": {"type": "object", "properties": {}}},
    {"name": "wait", "description": "Wait for a very long time", "inputSchema": {"type": "object", "properties": {}}},
]


def send(message):
    with lock:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        sys.stdout.flush()


def text(text, is_error=False):
    return {"content": [{"type": "text", "text": text}], "isError": is_error}


def count(request, token):
    for done in (1, 2, 3):
        if token is not None:
            params = {"progressToken": token, "progress": done, "total": 3, "message": f"counted to {done}"}
            send({"method": "notifications/progress", "params": params})
        time.sleep(0.05)
    send({"id": request, "result": text("3")})


def call(request, params):
    arguments = params.get("arguments") or {}
    match params["name"]:
        case "add":
            send({"id": request, "result": text(json.dumps(arguments["a"] + arguments["b"]))})
        case "fail":
            send({"id": request, "result": text("the disk is full", is_error=True)})
        case "count":
            token = params.get("_meta", {}).get("progressToken")
            threading.Thread(target=count, args=(request, token), daemon=True).start()
        case "ask":
            if not can_ask:
                return send({"id": request, "result": text("the client cannot be asked", is_error=True)})
            question = f"question-{request}"
            asked[question] = request
            schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
            params = {"message": "What is your name?", "requestedSchema": schema}
            send({"id": question, "method": "elicitation/create", "params": params})
        case "wait":
            print("waiting", file=log)


for line in sys.stdin:
    message = json.loads(line)
    request, params = message.get("id"), message.get("params") or {}
    match message.get("method"):
        case "initialize":
            can_ask = "elicitation" in params["capabilities"]
            info = {"name": "tests", "version": "1"}
            result = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": info}
            send({"id": request, "result": result})
        case "tools/list":
            send({"id": request, "result": {"tools": TOOLS}})
        case "tools/call":
            call(request, params)
        case "notifications/cancelled":
            print("cancelled", file=log)
        case None:
            answer = message.get("result") or {}
            name = (answer.get("content") or {}).get("name")
            send({"id": asked.pop(request), "result": text(f"{answer.get('action')}: {name}")})
        case _ if request is not None:
            send({"id": request, "error": {"code": -32601, "message": "Method not found"}})
