"""Makes flows that could have happened: people, servers, questions, denials, errors, figures; by a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import orjson

from omni2.kernel.ids import MICROS, from_micros, to_micros

DAYS = 90
KEY_EPOCH_MS = 1_700_000_000_000
PEOPLE = 500
OWNER = "00000000-0000-7000-8000-000000000000"
SERVERS = {
    "wiki": ("search", "get_page", "list_pages", "edit_page", "delete_page"),
    "shop": ("find_order", "get_stock", "list_products", "refund_order", "low_stock"),
    "mail": ("send", "search", "get_thread", "list_labels"),
    "crm": ("get_account", "find_contact", "add_note", "list_deals"),
    "git": ("log", "diff", "get_file", "open_pull_request"),
    "billing": ("get_invoice", "list_invoices", "export_ledger"),
    "tickets": ("find_ticket", "get_ticket", "close_ticket", "comment"),
    "calendar": ("list_events", "add_event", "free_slots"),
    "files": ("read", "write", "search", "list"),
    "metrics": ("query", "list_series"),
    "time": ("now", "convert"),
    "weather": ("forecast",),
}
SUBJECTS = (
    "invoice", "order", "contract", "holiday plan", "pull request", "outage", "customer", "refund",
    "quarterly report", "onboarding", "price list", "server", "ticket", "meeting", "shipment", "warranty",
)  # fmt: skip
PLACES = ("Berlin", "Tokyo", "Lisbon", "Oslo", "Nairobi", "Lima", "Austin", "Pune", "Zagreb", "Quebec")
ASKS = (
    "Where is the {subject} {number} for {place}?", "Summarise the {subject} of {place}",
    "Which {subject} is late?", "Draft a reply about {subject} {number}",
    "Compare {subject} {number} with last week",
    "What did the {subject} in {place} cost?", "Find every {subject} from {place}",
)  # fmt: skip
FAULTS = (
    ("timeout", "{server} did not answer within 30 s."),
    ("upstream_error", "{server} answered 502: bad gateway at node {number}."),
    ("internal", "omni2 failed. The log has the details."),
)
MODELS = (("gpt-5-mini", 0.6), ("gpt-5", 6.0), ("claude-sonnet", 4.0), ("local-qwen", 0.0))
STATUSES = ("ok", "denied", "failed", "cancelled", "unknown", "blocked")
WEIGHTS = tuple(accumulate((0.915, 0.04, 0.03, 0.01, 0.003, 0.002)))
NAMES = (
    "Ann",
    "Bob",
    "Cleo",
    "Dan",
    "Eve",
    "Finn",
    "Gia",
    "Hugo",
    "Ines",
    "Jon",
    "Kim",
    "Lea",
    "Max",
    "Noor",
)
FAMILIES = ("Lee", "Meyer", "Okafor", "Silva", "Tanaka", "Novak", "Dubois", "Haas", "Ito", "Berg")


@dataclass(slots=True)
class Made:
    """The rows of one flow, by table."""

    rows: dict[str, list[tuple[Any, ...]]]


@dataclass(slots=True)
class Talk:
    """A conversation that is still going on."""

    conversation_id: str
    turns: int


@dataclass(slots=True)
class Scene:
    """One flow while it is made."""

    flow_id: str
    user_id: str
    source: str
    conversation_id: str | None
    at: int
    steps: list[dict[str, Any]]
    cuts: list[int]
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0
    calls: int = 0
    model: str | None = None


class Maker:
    """Makes `count` flows that end at `end`, in the order in which they began."""

    def __init__(self, rng: random.Random, count: int, end: float) -> None:
        self._rng = rng
        self._count = count
        self._first = int((end - DAYS * 86_400) * MICROS)
        self._gap = max(1, DAYS * 86_400 * MICROS // max(count, 1))
        self._key = 0
        self._talks: dict[int, Talk] = {}
        self.users = [self._user(number) for number in range(PEOPLE)]
        self._people = tuple(accumulate(1 / (number + 1) ** 0.9 for number in range(PEOPLE)))
        self._tools = [(server, tool) for server, tools in SERVERS.items() for tool in tools]
        self._tool_weights = tuple(accumulate(1 / (n + 1) ** 0.7 for n in range(len(self._tools))))

    def flows(self) -> Iterator[Made]:
        """Make them."""
        for number in range(self._count):
            yield self._flow(self._first + number * self._gap + self._rng.randrange(self._gap))

    def _user(self, number: int) -> tuple[Any, ...]:
        rng = self._rng
        first, family = rng.choice(NAMES), rng.choice(FAMILIES)
        email = f"{first}.{family}.{number}@example.org".lower()
        role = "admin" if number == 0 else "member"
        return (self._id(self._first), email, f"{first} {family}", role, "active", self._first, self._first)

    def _flow(self, at: int) -> Made:
        rng = self._rng
        person = rng.choices(range(PEOPLE), cum_weights=self._people)[0]
        status = rng.choices(STATUSES, cum_weights=WEIGHTS)[0]
        chat = rng.random() < 0.45
        subject = {
            "subject": rng.choice(SUBJECTS),
            "place": rng.choice(PLACES),
            "number": rng.randrange(10_000),
        }
        key = self._next_key(at)
        scene = Scene(self._id(at), self.users[person][0], "chat" if chat else "mcp", None, at, [], [])
        rows: dict[str, list[tuple[Any, ...]]] = {"calls": []}
        title = (
            self._turn(scene, status, subject, rows, person)
            if chat
            else self._call(scene, status, subject, rows)
        )
        self._end(scene, status)
        rows["flows"] = [self._head(scene, key, status, title)]
        rows["flow_records"] = list(self._records(scene))
        return Made(rows)

    def _turn(
        self, scene: Scene, status: str, subject: dict[str, Any], rows: dict[str, Any], person: int
    ) -> str:
        rng = self._rng
        title = rng.choice(ASKS).format(**subject)
        talk = self._talks.get(person)
        if talk is None or talk.turns == 0:
            talk = Talk(self._id(scene.at), rng.randrange(1, 6))
            self._talks[person] = talk
            rows["conversations"] = [(talk.conversation_id, scene.user_id, title, scene.at, scene.at)]
        talk.turns -= 1
        scene.conversation_id = talk.conversation_id
        self._checks(scene)
        model, price = rng.choice(MODELS)
        scene.model = model
        rounds = 0 if status == "denied" else rng.choice((0, 1, 1, 2, 3))
        for iteration in range(1, rounds + 2):
            self._model(scene, (model, price), iteration)
            if iteration <= rounds:
                self._tool(scene, "ok", subject, rows, iteration)
        said = (
            f"About the {subject['subject']} in {subject['place']}: it is settled, see {subject['number']}."
        )
        rows["messages"] = [
            self._message(scene, talk, "user", title, {}),
            self._message(scene, talk, "assistant", said, {"turn": {"status": status}, "tool_calls": []}),
        ]
        return title

    def _call(self, scene: Scene, status: str, subject: dict[str, Any], rows: dict[str, Any]) -> str:
        self._checks(scene)
        server, tool = self._tool(scene, status, subject, rows, None)
        return f"{server}.{tool}"

    def _checks(self, scene: Scene) -> None:
        rng = self._rng
        access = f"{rng.randrange(40):064x}"
        method = "session" if scene.source == "chat" else "token"
        self._step(
            scene, {"kind": "auth_check", "method": method, "client": "ide 3.1", "address": "10.0.0.7"}
        )
        self._step(scene, {"kind": "block_check", "scope": scene.source, "epoch": rng.randrange(50)})
        self._step(
            scene,
            {"kind": "mcp_access_check", "access_id": access, "servers_allowed": 9, "servers_total": 12},
        )
        self._step(scene, {"kind": "tool_filter", "access_id": access, "offered": 31, "removed": 9})
        if scene.source == "chat":
            self._budget(scene, rng.randrange(2_000, 40_000))

    def _budget(self, scene: Scene, micros: int) -> None:
        line = {
            "name": "Daily", "limit_micros": 500_000, "used_micros": micros, "reserved_micros": 0,
            "remaining_micros": 500_000 - micros, "resets_at": from_micros(scene.at + 86_400 * MICROS),
        }  # fmt: skip
        self._step(
            scene,
            {"kind": "usage_check", "budgets": [line], "requested_micros": micros, "reserved_micros": micros},
        )

    def _model(self, scene: Scene, model: tuple[str, float], iteration: int) -> None:
        rng = self._rng
        name, price = model
        thinking = {"provider": "openai", "model": name, "iteration": iteration, "messages": iteration * 2}
        self._step(scene, {"kind": "llm_thinking", **thinking, "tools_offered": 31}, "info")
        given, made = rng.randrange(400, 9_000), rng.randrange(20, 900)
        cost = int(price * (given + 4 * made) / 10)
        scene.input_tokens, scene.output_tokens = scene.input_tokens + given, scene.output_tokens + made
        scene.cost += cost
        figures = {
            "input_tokens": given,
            "output_tokens": made,
            "cost_micros": cost,
            "price_version": "2026-11",
        }
        spoken = {"model": name, **figures, "finish_reason": "stop", "first_token_ms": rng.uniform(90, 900)}
        scene.at += int(rng.lognormvariate(13.7, 0.8))
        self._step(scene, {"kind": "llm_complete", **spoken}, "info", rng.uniform(200, 5_000))

    def _tool(
        self, scene: Scene, status: str, subject: dict[str, Any], rows: dict[str, Any], iteration: int | None
    ) -> tuple[str, str]:
        rng = self._rng
        server, tool = rng.choices(self._tools, cum_weights=self._tool_weights)[0]
        call_id = f"c{len(scene.steps)}"
        wanted = {"query": f"{subject['subject']} {subject['place']}", "id": subject["number"], "limit": 20}
        call = {"kind": "tool_call", "server": server, "tool": tool, "call_id": call_id, "arguments": wanted}
        if status == "denied":
            rule = {"rule": "contractors read only", "detail": f"Contractors may not call {server}.{tool}."}
            self._step(scene, {**call, **rule}, "denied")
            return server, tool
        self._step(scene, {**call, "iteration": iteration})
        scene.cuts.append(len(scene.steps))
        ended = {"failed": "upstream_error", "cancelled": "cancelled", "unknown": "unknown"}.get(status, "ok")
        took = min(rng.lognormvariate(4.4, 1.1), 60_000.0)
        scene.at += int(took * 1_000)
        preview = (
            f"{subject['subject']} {subject['number']} in {subject['place']}: {rng.randrange(1 << 40):x}"
        )
        result = {"server": server, "tool": tool, "call_id": call_id, "status": ended}
        verdict = "passed" if ended == "ok" else "failed"
        self._step(
            scene,
            {"kind": "tool_result", **result, "size_bytes": rng.randrange(40, 9_000), "preview": preview},
            verdict,
            took,
        )
        scene.calls += 1
        call_row = (
            self._next_key(scene.at),
            scene.flow_id,
            scene.user_id,
            scene.at,
            server,
            tool,
            ended,
            took,
        )
        rows["calls"].append(call_row)
        return server, tool

    def _end(self, scene: Scene, status: str) -> None:
        rng = self._rng
        server = next((step["data"]["server"] for step in scene.steps if "server" in step["data"]), "wiki")
        if status == "denied":
            detail = "Contractors may not call this, by rule 'contractors read only'."
            self._step(scene, {"kind": "error", "code": "access_denied", "detail": detail}, "denied")
        elif status in {"failed", "unknown"}:
            code, words = rng.choice(FAULTS)
            detail = words.format(server=server, number=rng.randrange(99))
            self._step(scene, {"kind": "error", "code": code, "detail": detail}, "failed")
        elif status == "blocked":
            blocked = {"by": "boss@example.org", "message": "Ask Ann first.", "cancelled": "1 call"}
            self._step(scene, {"kind": "blocked", **blocked}, "denied")
        figures = {"input_tokens": scene.input_tokens, "output_tokens": scene.output_tokens}
        if scene.cost:
            settled = {"reserved_micros": scene.cost, "charged_micros": scene.cost, "refunded_micros": 0}
            self._step(
                scene, {"kind": "usage_settled", **settled, "remaining_micros": 400_000, **figures}, "info"
            )
        totals = {**figures, "cost_micros": scene.cost, "tool_calls": scene.calls}
        took = self._took(scene)
        self._step(scene, {"kind": "done", "status": status, "duration_ms": took, **totals}, "info")

    def _head(self, scene: Scene, key: int, status: str, title: str) -> tuple[Any, ...]:
        error = next((step["data"]["detail"] for step in scene.steps if step["kind"] == "error"), "")
        calls = "1 tool call" if scene.calls == 1 else f"{scene.calls} tool calls"
        sentence = f"{status.title()}: {error}" if error else f"Answered with {calls}."
        began = to_micros(scene.steps[0]["at"])
        servers = sorted({row["data"]["server"] for row in scene.steps if row["kind"] == "tool_result"})
        return (
            *(key, scene.flow_id, scene.user_id, scene.source, scene.conversation_id, OWNER, status, title),
            *(sentence, began, scene.at, self._took(scene), len(scene.steps), scene.calls),
            *(scene.input_tokens, scene.output_tokens, scene.cost, scene.model),
            orjson.dumps(servers).decode(),
        )

    def _records(self, scene: Scene) -> Iterator[tuple[Any, ...]]:
        start = 0
        for end in (*scene.cuts, len(scene.steps)):
            part = scene.steps[start:end]
            if part:
                at = to_micros(part[-1]["at"])
                body = orjson.dumps(part, option=orjson.OPT_UTC_Z).decode()
                key = self._next_key(at)
                yield (key, scene.flow_id, scene.user_id, start + 1, end, at, body)
            start = end

    def _step(
        self, scene: Scene, data: dict[str, Any], verdict: str = "passed", took: float | None = None
    ) -> None:
        step = {
            "flow_id": scene.flow_id, "seq": len(scene.steps) + 1, "parent_seq": None,
            "user_id": scene.user_id, "source": scene.source, "conversation_id": scene.conversation_id,
            "at": from_micros(scene.at), "duration_ms": took, "verdict": verdict, "kind": data["kind"],
            "data": data,
        }  # fmt: skip
        scene.steps.append(step)
        scene.at += 400

    def _message(
        self, scene: Scene, talk: Talk, kind: str, text: str, data: dict[str, Any]
    ) -> tuple[Any, ...]:
        flow_id = scene.flow_id
        body = orjson.dumps(data).decode()
        message_id = self._id(scene.at)
        return (
            self._next_key(scene.at),
            message_id,
            talk.conversation_id,
            kind,
            flow_id,
            text,
            body,
            scene.at,
        )

    def _took(self, scene: Scene) -> float:
        return round((scene.at - to_micros(scene.steps[0]["at"])) / 1_000, 3)

    def _next_key(self, at: int) -> int:
        """Return a key of this time; keys of one table never meet, for all are of one counter."""
        self._key = (self._key + 1) & 0x3F_FFFF
        return ((at // 1_000 - KEY_EPOCH_MS) << 22) | self._key

    def _id(self, at: int) -> str:
        value = (at // 1_000 << 80) | (0x7 << 76) | (0b10 << 62) | self._rng.getrandbits(62)
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
