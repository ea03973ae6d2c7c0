"""One id, one clock, one key."""

import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from omni2.kernel.ids import from_micros, new_id, new_key, now, to_micros


def test_an_id_is_a_uuid_of_version_7_whose_time_is_now() -> None:
    before = now()
    value = uuid.UUID(new_id())
    assert value.version == 7
    assert value.variant == uuid.RFC_4122
    at = datetime.fromtimestamp((value.int >> 80) / 1000, UTC)
    assert before - timedelta(milliseconds=1) <= at <= now()


def test_ids_do_not_repeat() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000


def test_keys_do_not_repeat_and_fit_into_a_signed_64_bit_integer() -> None:
    keys = {new_key() for _ in range(10_000)}
    assert len(keys) == 10_000
    assert min(keys) > 0
    assert max(keys) < 2**63


FORK = """
import json, os, time
from omni2.kernel.ids import new_id, new_key
new_id(), new_key()
time.time_ns = lambda: 1_800_000_000_000_000_000
family = []

def made():
    return [new_id() for _ in range(500)], [new_key() for _ in range(500)]

for _ in range(2):
    end, start = os.pipe()
    if os.fork() == 0:
        os.write(start, json.dumps(made()).encode())
        os._exit(0)
    os.close(start)
    family.append(json.loads(open(end).read()))
    os.wait()
family.append(made())
print(sum(len({value for one in family for value in one[kind]}) for kind in (0, 1)))
"""


def test_forked_processes_make_other_ids_and_keys_than_their_parent_and_each_other() -> None:
    done = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == 3_000


def test_now_is_aware_utc() -> None:
    assert now().utcoffset() == timedelta(0)


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_time_survives_storage_exactly(at: datetime) -> None:
    assert from_micros(to_micros(at)) == at


def test_a_time_of_another_zone_is_stored_as_the_same_instant() -> None:
    at = datetime(2026, 3, 29, 2, 30, 0, 1, timezone(timedelta(hours=2)))
    assert from_micros(to_micros(at)) == at


def test_keys_never_go_back_even_when_many_are_made_in_a_millisecond() -> None:
    keys = [new_key() for _ in range(100_000)]
    assert all(earlier < later for earlier, later in pairwise(keys))
