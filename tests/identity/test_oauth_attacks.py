"""What must not work: forged tokens, replayed codes, other addresses, other clients, hostile documents."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from omni2.identity.oauth_models import OAuthCode, OAuthFamily, OAuthToken
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.upstream.documents import Documents
from tests.identity.oauth_house import OAuthHouse, open_oauth_house
from tests.support.clients import NO_TLS
from tests.support.oauth import REDIRECT, OAuthClient, error_of, good, parameters

EVIL = "https://evil.example.org/callback"


def jwt(algorithm: str, key: bytes = b"") -> str:
    """Return a token that claims everything and proves nothing."""
    claims = {"sub": "boss", "aud": "http://test/mcp", "scope": "mcp", "exp": 4_102_444_800}
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": algorithm, "typ": "at+jwt"}, claims)
    ]
    signed = hmac.new(key, b".".join(parts), hashlib.sha256).digest() if key else b""
    return b".".join([*parts, base64.urlsafe_b64encode(signed).rstrip(b"=")]).decode()


async def test_twenty_of_twenty_false_credentials_are_refused(house: OAuthHouse) -> None:
    code = await house.client.code(house.ann)
    used = good(await house.client.exchange(code))
    real, refresh = used["access_token"], used["refresh_token"]
    expired, foreign = await house.client.connect(house.boss), await house.client.connect(house.ann)
    async with house.served.client(house.ann) as browser:
        given_back = await house.client.connect(house.ann)
        await browser.post("/oauth/revoke", data={"token": given_back["access_token"]})
    async with house.served.database.work() as work:
        for token, changed in ((expired, now() - timedelta(seconds=1)), (foreign, None)):
            digest = hashlib.sha256(token["access_token"].encode()).hexdigest()
            row = await work.session.get(OAuthToken, digest)
            assert row is not None
            if changed is not None:
                row.expires_at = changed
                continue
            await work.session.execute(
                update(OAuthFamily)
                .where(OAuthFamily.family_id == row.family_id)
                .values(audience="https://other.example.org/mcp")
            )
    last = "A" if real[-1] != "A" else "B"
    bearers = [
        *("x", "omni2_", "omni2_at_", "omni2_at_" + "A" * 43, real[:-1], real + "A", real[:-1] + last),
        *(real.upper(), real.removeprefix("omni2_at_"), "omni2_" + real, refresh, code, house.ann.cookie),
        *(jwt("none"), jwt("HS256", b"omni2"), jwt("RS256"), jwt("ES256", b"x" * 32)),
        *(expired["access_token"], foreign["access_token"], given_back["access_token"]),
    ]
    answers: list[tuple[int, str]] = [await house.api_status(bearer) for bearer in bearers]
    assert len(bearers) == 20
    assert answers == [(401, "not_signed_in")] * 20
    assert await house.works(real)


async def test_a_token_counts_in_the_header_alone(house: OAuthHouse) -> None:
    token = (await house.client.connect(house.ann))["access_token"]
    async with httpx.AsyncClient(base_url=house.served.url, verify=NO_TLS) as program:
        for answer in (
            await program.get("/api/auth/me", params={"access_token": token}),
            await program.get("/api/auth/me", headers={"authorization": f"Basic {token}"}),
            await program.get("/api/auth/me", headers={"authorization": token}),
            await program.get("/api/auth/me", headers={"cookie": f"omni2={token}"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


async def test_a_code_that_comes_twice_ends_what_came_of_it(house: OAuthHouse) -> None:
    code = await house.client.code(house.ann)
    tokens = good(await house.client.exchange(code))
    assert await house.works(tokens["access_token"])
    assert error_of(await house.client.exchange(code)) == (400, "invalid_grant")
    assert not await house.works(tokens["access_token"])
    assert error_of(await house.client.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


async def test_a_code_works_for_who_asked_for_it_where_they_asked_and_for_a_minute(house: OAuthHouse) -> None:
    wrong: list[dict[str, str | None]] = [
        {"code_verifier": "w" * 64},
        {"code_verifier": None},
        {"code_verifier": "short"},
        {"redirect_uri": "http://127.0.0.1:7778/callback"},
        {"redirect_uri": None},
        {"client_id": house.site.origin + "/other.json"},
        {"client_id": None},
        {"code": "unknown"},
    ]
    code = await house.client.code(house.ann)
    for changed in wrong:
        shown = changed.pop("code", code) or code
        assert error_of(await house.client.exchange(shown, **changed)) == (400, "invalid_grant")
    foreign = await house.client.exchange(code, resource="https://evil.example.org/mcp")
    assert error_of(foreign) == (400, "invalid_target")
    basic = httpx.BasicAuth(house.client.client_id, "secret")
    async with httpx.AsyncClient(base_url=house.served.url, auth=basic, verify=NO_TLS) as program:
        assert error_of(await program.post("/oauth/token", data={"code": code})) == (401, "invalid_client")
    async with house.served.database.work() as work:
        await work.session.execute(update(OAuthCode).values(expires_at=now()))
    assert error_of(await house.client.exchange(code)) == (400, "invalid_grant")


async def test_a_refresh_token_works_for_its_client_alone(house: OAuthHouse) -> None:
    tokens = await house.client.connect(house.ann)
    other = OAuthClient(house.served, house.site.publish("/other.json"))
    assert error_of(await other.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert error_of(await house.client.refresh(tokens["access_token"])) == (400, "invalid_grant")
    good(await house.client.refresh(tokens["refresh_token"]))


async def test_what_was_asked_for_at_one_origin_is_not_given_at_another(house: OAuthHouse) -> None:
    code = await house.client.code(house.ann)
    port = house.served.settings.port
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    async with httpx.AsyncClient(
        base_url=house.served.url, headers={"host": f"localhost:{port}"}, verify=NO_TLS
    ) as program:
        mixed = await program.post(
            "/oauth/token",
            data={**fields, "client_id": house.client.client_id, "code_verifier": "v" * 64},
        )
    assert error_of(mixed) == (400, "invalid_grant")


NOT_TO_BE_ASKED = [
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge": "x" * 42}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": None}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"resource": "https://evil.example.org/mcp"}, "invalid_target"),
    ({"scope": "admin"}, "invalid_scope"),
    ({"prompt": "none"}, "interaction_required"),
    ({"request_uri": "https://evil.example.org/r"}, "request_uri_not_supported"),
]


async def test_what_cannot_be_asked_for_is_told_to_the_verified_client(
    house: OAuthHouse, subtests: pytest.Subtests
) -> None:
    for changed, error in NOT_TO_BE_ASKED:
        with subtests.test(changed=changed):
            location = await house.client.authorize(house.ann, house.client.query(**changed))
            assert location.startswith(REDIRECT + "?")
            told = parameters(location)
            assert (told["error"], told["state"], told["iss"]) == (error, "state-1", house.served.url)
            async with house.served.client(house.ann) as browser:
                body = {"query": house.client.query(**changed), "allow": True}
                decided = await browser.post("/api/oauth/decide", json=body)
            assert parameters(decided.json()["redirect"])["error"] == error


BENEATH = ["", "/", "/shop", "/shop/"]


async def test_the_resource_is_the_endpoint_and_all_beneath_it(
    house: OAuthHouse, subtests: pytest.Subtests
) -> None:
    for beneath in BENEATH:
        with subtests.test(beneath=beneath):
            code = await house.client.code(house.ann, resource=f"{house.served.url}/mcp{beneath}")
            tokens = good(await house.client.exchange(code, resource=f"{house.served.url}/mcp{beneath}"))
            assert await house.works(tokens["access_token"])


OTHER_RESOURCES = ["/mcpx", "/mcp/a/b", "/mcp?x=1", "/api", "", "@evil.example.org/mcp"]


async def test_no_other_resource_is(house: OAuthHouse, subtests: pytest.Subtests) -> None:
    for resource in OTHER_RESOURCES:
        with subtests.test(resource=resource):
            query = house.client.query(resource=house.served.url + resource)
            assert parameters(await house.client.authorize(house.ann, query))["error"] == "invalid_target"


ADDRESSES = [
    EVIL, "http://127.0.0.1:7777/other", "http://127.0.0.1:7777/callback?x=1", "javascript:alert(1)",
    "http://127.0.0.1:7777/callback#f", "http://localhost:7777/callback", "http://127.0.0.1@evil.org/callback",
    "https://127.0.0.1:7777/callback", "http://127.0.0.1:7777/callback/../x", "//evil.example.org", "",
    "http://127.0.0.1:7777\\@evil.example.org/callback", "http://127.0.0.2:7777/callback",
]  # fmt: skip


async def test_nobody_is_sent_to_an_address_that_the_client_did_not_name(
    house: OAuthHouse, subtests: pytest.Subtests
) -> None:
    for redirect in ADDRESSES:
        with subtests.test(redirect=redirect):
            query = house.client.query(redirect_uri=redirect or None)
            assert await house.client.refused(house.ann, query) in {"redirect_refused", "invalid_request"}
            async with house.served.client(house.ann) as browser:
                answer = await browser.post("/api/oauth/decide", json={"query": query, "allow": True})
            assert answer.status_code == 400, answer.text
            assert "redirect" not in answer.json()


async def test_on_loopback_any_port_will_do(house: OAuthHouse) -> None:
    client = OAuthClient(house.served, house.client.client_id, "http://127.0.0.1:51234/callback")
    good(await client.exchange(await client.code(house.ann)))


async def test_a_parameter_given_twice_is_refused(house: OAuthHouse) -> None:
    location = await house.client.authorize(house.ann, house.client.query() + "&scope=mcp")
    assert parameters(location)["error"] == "invalid_request"
    twice = house.client.query() + f"&redirect_uri={EVIL}"
    assert await house.client.refused(house.ann, twice) == "invalid_request"


UNKNOWN = [
    "unknown", "http://127.0.0.1/client.json", "https://127.0.0.1", "https://user@127.0.0.1/client.json",
    "https://127.0.0.1/a/../client.json", "https://127.0.0.1/client.json#f", "https://[::1/client.json",
]  # fmt: skip


async def test_a_client_that_cannot_be_known_is_told_to_the_person(
    house: OAuthHouse, subtests: pytest.Subtests
) -> None:
    for client_id in UNKNOWN:
        with subtests.test(client_id=client_id):
            asked = house.client.query(client_id=client_id)
            assert await house.client.refused(house.ann, asked) == "client_unknown"
            assert house.site.asked == []


WRONG_DOCUMENTS: list[dict[str, object]] = [
    {"client_id": "https://127.0.0.1/other.json"},
    {"redirect_uris": []},
    {"redirect_uris": ["javascript:alert(1)"]},
    {"redirect_uris": ["http://evil.example.org/callback"]},
    {"redirect_uris": [REDIRECT, "data:text/html,x"]},
    {"redirect_uris": "nothing"},
    {"token_endpoint_auth_method": "client_secret_basic"},
]


async def test_a_document_that_says_the_wrong_things_is_refused(
    house: OAuthHouse, subtests: pytest.Subtests
) -> None:
    for number, changed in enumerate(WRONG_DOCUMENTS):
        with subtests.test(changed=changed):
            client = OAuthClient(house.served, house.site.publish(f"/bad{number}.json", **changed))
            assert await client.refused(house.ann, client.query()) == "client_document_invalid"


async def test_a_document_is_bounded_is_json_and_leads_nowhere(house: OAuthHouse) -> None:
    kind = {"content-type": "application/json"}
    house.site.pages = {
        "/big": (200, kind, b'{"x": "' + b"x" * 20_000 + b'"}'),
        "/moved": (302, {**kind, "location": house.site.origin + "/client.json"}, b""),
        "/page": (200, {"content-type": "text/html"}, b"<html>"),
        "/packed": (200, {**kind, "content-encoding": "gzip"}, b"x"),
        "/gone": (404, kind, b"{}"),
        "/twice": (200, kind, b'{"client_id": 1, "client_id": 2}'),
        "/list": (200, kind, b"[]"),
    }
    for path in house.site.pages:
        client = OAuthClient(house.served, house.site.origin + path)
        assert await client.refused(house.ann, client.query()) == "client_document_invalid", path


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "metadata.google.internal"]
)
async def test_where_others_can_reach_omni2_no_document_leads_it_into_its_own_network(host: str) -> None:
    with pytest.raises(Problem, match="url_refused"):
        await Documents(allow_private=False).fetch(f"https://{host}/client.json")


async def test_a_document_is_fetched_once_while_it_is_fresh(house: OAuthHouse) -> None:
    await house.client.connect(house.ann)
    await house.client.connect(house.boss)
    assert house.site.asked == ["/client.json"]


async def test_programs_register_themselves_only_where_that_is_switched_on(house: OAuthHouse) -> None:
    async with httpx.AsyncClient(base_url=house.served.url, verify=NO_TLS) as program:
        answer = await program.post("/oauth/register", json={"redirect_uris": [REDIRECT]})
    assert error_of(answer) == (403, "access_denied")


async def test_a_program_that_registered_itself_is_connected_and_too_many_are_refused(
    database_url: str, tmp_path: Path
) -> None:
    async with (
        open_oauth_house(database_url, tmp_path, oauth_registration=True) as house,
        httpx.AsyncClient(base_url=house.served.url, verify=NO_TLS) as program,
    ):
        for body, error in (
            ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
            ({"redirect_uris": [REDIRECT], "grant_types": ["implicit"]}, "invalid_client_metadata"),
        ):
            assert error_of(await program.post("/oauth/register", json=body)) == (400, error)
        answer = await program.post(
            "/oauth/register", json={"client_name": "Loner\u202e", "redirect_uris": [REDIRECT]}
        )
        assert (answer.status_code, answer.json()["token_endpoint_auth_method"]) == (201, "none")
        assert answer.json()["client_name"] == "Loner"
        client = OAuthClient(house.served, answer.json()["client_id"])
        tokens = await client.connect(house.ann)
        assert await house.works(tokens["access_token"])
        many = [await program.post("/oauth/register", json={"redirect_uris": [REDIRECT]}) for _ in range(9)]
        assert error_of(many[-1]) == (429, "temporarily_unavailable")
