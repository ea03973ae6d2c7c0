"""Watching a team live: whoever belongs to it at the moment is monitored, until it ends."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from httpx import AsyncClient

from omni2.kernel.ids import now
from tests.support.app import Person
from tests.support.house import House, open_house
from tests.support.watchers import Watcher, monitor


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database_url, tmp_path / "data") as house:
        yield house


async def team_of(client: AsyncClient, *people: Person) -> str:
    """Make a team of people; return its address."""
    answer = await client.post("/api/teams", json={"name": "Support"})
    team = f"/api/teams/{answer.json()['team_id']}"
    for person in people:
        await put(client, f"{team}/members/{person.user_id}")
    return team


async def put(client: AsyncClient, path: str, minutes: float | None = None) -> None:
    """Put a member, or a monitoring that ends in so many minutes."""
    body = None if minutes is None else {"until": (now() + timedelta(minutes=minutes)).isoformat()}
    answer = await client.put(path, json=body)
    assert answer.status_code in {200, 204}, answer.text


async def delete(client: AsyncClient, path: str) -> None:
    answer = await client.delete(path)
    assert answer.status_code == 204, answer.text


async def refusals(watcher: Watcher, count: int) -> list[tuple[str, str]]:
    """Wait for so many refusals; return code and user of each."""
    await watcher.client.until(lambda: len(watcher.of("refused")) >= count or None)
    return [(frame["code"], frame["user_id"]) for frame in watcher.of("refused")]


async def test_whoever_belongs_to_a_monitored_team_may_be_watched_and_nobody_else(house: House) -> None:
    bob = await house.served.person("Bob")
    async with house.served.client(house.boss) as client:
        team = await team_of(client, house.ann)
        await put(client, f"{team}/monitoring", 60)
        watcher = await Watcher.connect(house.served, house.boss)
        await watcher.watch(house.ann)
        await watcher.client.send(type="watch", user_ids=[bob.user_id])
        refused = [("not_monitored", bob.user_id)]
        assert await refusals(watcher, 1) == refused
        await put(client, f"{team}/members/{bob.user_id}")
        await watcher.watch(bob)
        flow_id = (await (await house.chat(bob)).ask())[-1]["flow_id"]
        assert (await watcher.end_of(flow_id))[-1]["kind"] == "done"
        await delete(client, f"{team}/members/{bob.user_id}")
        assert await refusals(watcher, 2) == refused * 2
        await delete(client, f"{team}/monitoring")
        assert (await refusals(watcher, 3))[2] == ("not_monitored", house.ann.user_id)
        assert (await client.delete(f"{team}/monitoring")).json()["code"] == "not_monitored"
        await put(client, f"{team}/monitoring", 60)
        await watcher.watch(house.ann)
        await delete(client, team)
        assert (await refusals(watcher, 4))[3] == ("not_monitored", house.ann.user_id)
        assert (await client.get("/api/monitoring")).json() == {"items": [], "teams": []}


async def test_who_is_monitored_twice_is_listed_once_by_the_later_end(house: House) -> None:
    ann, own = house.ann, f"/api/users/{house.ann.user_id}/monitoring"
    async with house.served.client(house.boss) as client:
        team = await team_of(client, ann)
        team_id = team.rpartition("/")[2]
        through = {"team_id": team_id, "name": "Support"}
        await monitor(house.served, house.boss, ann, 30)
        await put(client, f"{team}/monitoring", 60)
        listed = (await client.get("/api/monitoring")).json()
        assert [(one["email"], one["through"], one["own"], one["team_ids"]) for one in listed["items"]] == [
            ("ann@example.org", through, True, [team_id])
        ]
        [shown] = listed["teams"]
        assert (shown["name"], shown["member_count"], shown["by"]) == ("Support", 1, "boss@example.org")
        assert listed["items"][0]["until"] == shown["until"]
        await monitor(house.served, house.boss, ann, 90)
        [one] = (await client.get("/api/monitoring")).json()["items"]
        assert (one["through"], one["own"], one["team_ids"]) == (None, True, [team_id])
        spells = (await client.get(own)).json()["items"]
        assert [(spell["through"], spell["ended_at"] is None) for spell in spells] == [
            (None, True),
            (through, True),
            (None, False),
        ]
        watcher = await Watcher.connect(house.served, house.boss)
        await watcher.watch(ann)
        await delete(client, own)
        [one] = (await client.get("/api/monitoring")).json()["items"]
        assert (one["through"], one["own"]) == (through, False)
        again = await client.delete(own)
        assert (again.status_code, again.json()["code"]) == (409, "not_monitored")
        assert "through the team Support" in again.json()["detail"]
        assert (await (await house.chat()).ask())[-1]["status"] == "ok"
        assert watcher.of("refused") == []
        journal = (await client.get("/api/journal")).json()["items"]
        told = [row["sentence"] for row in journal if row["kind"].startswith("monitoring.")]
        assert told[0] == "Ended the monitoring of ann@example.org."
        assert told[2].startswith("Set monitoring of the team Support until ")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_only_administrators_have_a_team_monitored_and_it_always_ends(house: House) -> None:
    auditor = await house.served.person("Audrey", "auditor")
    async with house.served.client(house.boss) as client:
        team = f"{await team_of(client, house.ann)}/monitoring"
        for until in ("2999-01-01T00:00:00Z", "2001-01-01T00:00:00Z"):
            assert (await client.put(team, json={"until": until})).status_code == 422
        unknown = await client.put("/api/teams/x/monitoring", json={"until": now().isoformat()})
        assert unknown.status_code == 422
        await put(client, team, 5)
    for person in (auditor, house.ann):
        async with house.served.client(person) as client:
            answer = await client.put(team, json={"until": (now() + timedelta(minutes=5)).isoformat()})
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
            assert (await client.delete(team)).status_code == 403
