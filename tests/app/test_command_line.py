"""A block by the command line holds in the running server as one by the API does."""

import asyncio
import json
import sys
from typing import Any

from omni2.upstream.ports import TextDelta
from tests.support.clients import ChatClient
from tests.support.house import House
from tests.support.scripted_model import Gate
from tests.support.source import ROOT


async def command(house: House, *words: str) -> Any:
    """Run `omni2 ... --json` on the house's database; return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "omni2", *words, "--json", "--data", str(house.served.settings.data)),
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "src"), "OMNI2_DATABASE_URL": house.served.settings.sqlalchemy_url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, problems = await process.communicate()
    assert process.returncode == 0, problems.decode()
    return json.loads(out)


async def test_a_block_by_the_command_line_ends_what_runs_in_the_server(house: House) -> None:
    gate = Gate()
    house.model.play([TextDelta("So far"), gate])
    chat = await house.chat()
    accepted = await chat.say()
    await gate.reached.wait()
    receipt = await command(house, "user", "block", "ann@example.org", "--message", "Not now.")
    assert (receipt["sockets_closed"], receipt["turns_cancelled"]) == (1, 1)
    assert [replica["confirmed"] for replica in receipt["replicas"]] == [True]
    assert await chat.closed() == 4403
    assert chat.frames[-1] == {"type": "blocked", "message": "Not now."}
    head, checkpoints = await house.served.flow(accepted["flow_id"])
    assert (head.status, checkpoints[-1].kind) == ("blocked", "done")
    again = await ChatClient.connect(house.served.url, house.served.credentials(house.ann))
    assert await again.closed() == 4403
    await command(house, "user", "unblock", "ann@example.org")
    await house.served.process.mirror.refresh()
    restored = await house.served.chat(house.ann, by_token=True)
    assert (await restored.ask())[-1]["status"] == "ok"
