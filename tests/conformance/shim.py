"""What the conformance suite starts as a client: it hands the task to the desk and says how that ended.

`python -I -S shim.py SOCKET URL`. The desk has everything loaded, for which a process of each scenario's own
would take a second and a half.
"""

import json
import os
import socket
import sys


def main(desk: str, url: str) -> int:
    """Hand on what the suite says; return the exit code."""
    environment = os.environ
    task = {
        "url": url,
        "scenario": environment.get("MCP_CONFORMANCE_SCENARIO", ""),
        "context": json.loads(environment.get("MCP_CONFORMANCE_CONTEXT") or "{}"),
    }
    with socket.socket(socket.AF_UNIX) as wire:
        wire.connect(desk)
        wire.sendall(json.dumps(task).encode() + b"\n")
        said = b""
        while piece := wire.recv(65_536):
            said += piece
    ended = json.loads(said)
    sys.stdout.write(ended["said"] + "\n")
    return int(ended["code"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
