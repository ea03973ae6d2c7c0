"""Several workers: what is said once, is said by one of them only."""

import subprocess
import sys

_RACE = """
import os
from omni2.app.workers import Once
once = Once()
children = []
for _ in range(6):
    child = os.fork()
    if child == 0:
        os._exit(1 if once.take() else 0)
    children.append(child)
winners = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
assert sum(winners) == 1, winners
assert not once.take()
"""


def test_of_all_workers_one_takes_the_turn_and_none_after_a_restart() -> None:
    ended = subprocess.run([sys.executable, "-c", _RACE], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
