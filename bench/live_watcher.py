"""One watcher in a process of its own: how old each checkpoint is when its frame is there, as JSON (ms)."""

import asyncio
import json
import sys
import time
from datetime import datetime
from typing import Any, cast

from websockets.asyncio.client import connect


async def main(url: str, cookie: str, seconds: float, user_ids: list[str]) -> None:
    """Watch these users; print what came: ages, frames that were told as missed, parse time in all."""
    origin = url.replace("ws", "http", 1).partition("/ws/")[0]
    ages: list[float] = []
    seen: set[tuple[str, int]] = set()
    missed = doubled = 0
    async with connect(
        url,
        additional_headers={"Cookie": f"omni2={cookie}"},
        origin=cast("Any", origin),
        max_size=None,
        compression=None,
    ) as socket:
        await socket.send(json.dumps({"type": "watch", "user_ids": user_ids, "have": {}}))
        print("watching", flush=True)
        began = time.time()
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                text = await asyncio.wait_for(socket.recv(), left)
            except TimeoutError:
                break
            moment = time.time()
            frame = json.loads(text)
            if frame["type"] == "gap":
                missed += frame["missed"]
            if frame["type"] != "checkpoint":
                continue
            key = (frame["flow_id"], frame["seq"])
            doubled += key in seen
            seen.add(key)
            at = datetime.fromisoformat(frame["at"]).timestamp()
            if at > began:
                ages.append((moment - at) * 1000)
    print(
        json.dumps({"ages": ages, "missed": missed, "doubled": doubled, "flows": len({f for f, _ in seen})})
    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4].split(",")))
