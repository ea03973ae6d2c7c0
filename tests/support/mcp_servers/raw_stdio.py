"""A hand-written stdio MCP server that misbehaves on request. Runs by path, on the standard library alone.

Each tool name is a behaviour. Notifications and requests are written to the file in RAW_LOG, one JSON a line.
"""

import json
import os
import subprocess
import sys
from typing import Any

TOOLS = ("echo", "hang", "die", "invalid", "wrong_id", "giant", "fail", "spawn", "environment", "noise")


def main() -> None:
    """Serve until stdin ends; RAW_STUBBORN keeps it alive beyond that, RAW_SILENT never answers.

    RAW_UNKNOWN says what becomes of a method that is not known: `refused` by default, `ignored`, or `death`.
    """
    sys.stderr.write("raw server up\n")
    sys.stderr.flush()
    for line in sys.stdin:
        message = json.loads(line)
        log({"method": message.get("method"), "params": message.get("params"), "pid": os.getpid()})
        if "id" in message and "RAW_SILENT" not in os.environ:
            answer(message)
    if "RAW_STUBBORN" in os.environ:
        subprocess.run(["sleep", "600"], check=False)


def answer(message: dict[str, Any]) -> None:
    match message["method"]:
        case "initialize":
            result(
                message["id"],
                {
                    "protocolVersion": "2025-06-18",
                    "capabilities": {"tools": {}},
                    "serverInfo": {"name": "raw", "version": "1"},
                },
            )
        case "tools/list":
            schema: dict[str, Any] = {"type": "object", "properties": {}}
            result(message["id"], {"tools": [{"name": name, "inputSchema": schema} for name in TOOLS]})
        case "tools/call":
            call(message["id"], message["params"]["name"], message["params"].get("arguments") or {})
        case _:
            unknown(message["id"])


def unknown(request_id: int) -> None:
    match os.environ.get("RAW_UNKNOWN", "refused"):
        case "ignored":
            return
        case "death":
            os._exit(4)
        case _:
            error = {"code": -32601, "message": "no such method"}
            send({"jsonrpc": "2.0", "id": request_id, "error": error})


def call(request_id: int, name: str, arguments: dict[str, Any]) -> None:
    match name:
        case "echo":
            text(request_id, arguments.get("text", ""))
        case "fail":
            result(request_id, {"content": [{"type": "text", "text": "no such order"}], "isError": True})
        case "refuse":
            send({"jsonrpc": "2.0", "id": request_id, "error": {"code": -32000, "message": "not today"}})
        case "spawn":
            child = subprocess.Popen(["sleep", "600"])
            text(request_id, f"{os.getpid()} {child.pid}")
        case "environment":
            text(request_id, json.dumps(dict(os.environ)))
        case "noise":
            write("a log line where none belongs\n")
            text(request_id, "still here")
        case _:
            misbehave(request_id, name)


def misbehave(request_id: int, name: str) -> None:
    match name:
        case "die":
            os._exit(3)
        case "invalid":
            write('{"jsonrpc": "2.0", "id": ' + str(request_id) + ', "result": {{{\n')
        case "wrong_id":
            text(987654, "not yours")
        case "giant":
            text(request_id, "x" * (6 * 1024 * 1024))
        case _:
            """Never answer; `hang` is what it is called by."""


def text(request_id: int, words: str) -> None:
    result(request_id, {"content": [{"type": "text", "text": words}]})


def result(request_id: int, value: dict[str, Any]) -> None:
    send({"jsonrpc": "2.0", "id": request_id, "result": value})


def send(message: dict[str, Any]) -> None:
    write(json.dumps(message) + "\n")


def write(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


def log(entry: dict[str, Any]) -> None:
    if path := os.environ.get("RAW_LOG"):
        with open(path, "a", encoding="utf-8") as sink:
            sink.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
