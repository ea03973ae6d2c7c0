"""Requests of strangers and of people who mean harm: refused in words, and without a trace in memory."""

import base64
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.routing import Route

from omni2.app.spa import WebApp
from omni2.kernel.db import Database
from tests.support.house import House

FAR_AHEAD = 9_999_999_999_999_999_999


async def test_a_file_is_kept_once_however_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "app.js").write_text("let it = 1")
    (tmp_path / "index.html").write_text("the page")
    web = WebApp(tmp_path)
    app = Starlette(routes=[Route("/{path:path}", web.answer)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        for number in range(1, 200):
            answer = await client.get(f"/assets{'/' * number}app.js")
            assert answer.text == "let it = 1"
            assert (await client.get(f"/nothing/{number}")).text == "the page"
    kept = vars(web)["_files"]
    assert len(kept) == 2


NO_FILES = ["%00", "a%00b.js", "x" * 4_000, "%2e%2e/" * 9 + "etc/passwd", "..%2f" * 9]


async def test_a_name_that_no_file_has_is_no_fault(house: House, subtests: pytest.Subtests) -> None:
    for path in NO_FILES:
        with subtests.test(path=path):
            async with house.served.client() as client:
                answer = await client.get(f"/{path}")
            assert answer.status_code in {200, 400, 404, 503}
            assert "root:" not in answer.text


def cursor(inner: str) -> str:
    """Return a forged page cursor."""
    return base64.urlsafe_b64encode(inner.encode()).decode().rstrip("=")


NOT_HELD = [
    "/api/grants?after=" + cursor('["x","y"]'),
    "/api/grants?after=" + cursor('[9223372036854775807,"y"]'),
    "/api/servers?after=" + cursor('["a\\u0000"]'),
    "/api/users/a%00b/blocks",
    "/api/users/a%00b/budget",
    "/api/servers/a%00b",
    "/api/access-snapshots/a%00b",
    "/api/explain?user=a%00b&server=shop&tool=x",
]


async def test_what_no_column_holds_is_refused_in_words(house: House, subtests: pytest.Subtests) -> None:
    for path in NOT_HELD:
        with subtests.test(path=path):
            async with house.served.client(house.boss) as client:
                answer = await client.get(path)
            assert answer.status_code in {200, 400, 404, 422}, answer.text


async def test_a_reason_with_a_nul_character_is_no_fault(house: House) -> None:
    async with house.served.client(house.boss) as client:
        path = f"/api/users/{house.ann.user_id}/block"
        answer = await client.put(path, json={"reason": "a\0b", "message": "c\0d"})
    assert answer.status_code in {200, 400, 422}, answer.text


async def test_a_resume_from_far_ahead_is_refused(house: House) -> None:
    chat = await house.chat()
    flow_id = (await chat.ask())[0]["flow_id"]
    conversation_id = (await house.served.flow(flow_id))[0].conversation_id
    await chat.send(type="resume", conversation_id=conversation_id, flow_id=flow_id, after=FAR_AHEAD)
    assert (await chat.wait_for("refused"))["code"] == "invalid_frame"


async def test_no_log_of_a_failed_statement_holds_its_values(database: Database) -> None:
    async with database.read() as session:
        with pytest.raises(DBAPIError) as caught:
            await session.execute(text("SELECT nothing FROM nowhere WHERE a = :a"), {"a": "planted-secret"})
    assert "planted-secret" not in str(caught.value)
