"""omni2's side towards servers, for the conformance suite: one process that does what the shims ask for.

`python -m tests.conformance.desk SOCKET DATA`.
"""

import asyncio
import sys
import traceback
from pathlib import Path
from typing import Any

import orjson

from tests.conformance.client import talk
from tests.conformance.signing_in import Counter, open_counter

LIMIT_BYTES = 1 << 20
AT_ONCE = 4  # the suite starts all of its clients at once, and some scenarios measure times


async def main(place: str, data: Path) -> None:
    """Serve until ended."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with open_counter(data) as counter:

        async def on_task(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task: dict[str, Any] = orjson.loads(await reader.readline())
            async with turns:
                writer.write(orjson.dumps(await done(counter, task)))
            await writer.drain()
            writer.close()

        server = await asyncio.start_unix_server(on_task, place, limit=LIMIT_BYTES)
        await server.serve_forever()


async def done(counter: Counter, task: dict[str, Any]) -> dict[str, Any]:
    """Do a task; return how it ended."""
    signs_in = str(task["scenario"]).startswith("auth/")
    try:
        said = await (counter.serve(task) if signs_in else talk(task["url"], task["context"]))
    except Exception:  # noqa: BLE001 whatever it is, the suite is to say so
        return {"code": 1, "said": traceback.format_exc()}
    return {"code": 0, "said": said}


if __name__ == "__main__":
    place = Path(sys.argv[2])
    place.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(sys.argv[1], place))
