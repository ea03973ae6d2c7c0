"""What goes in and out of the routes of consents."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from omni2.identity.oauth_consents import Consent
from omni2.identity.oauth_models import OAuthConsent
from omni2.identity.oauth_requests import QUERY_CHARS, Wish
from omni2.identity.oauth_uris import host_of, stays_on_the_machine
from omni2.identity.schemas import Body

Query = Annotated[str, Field(min_length=1, max_length=QUERY_CHARS)]


class ConsentInspect(Body):
    """The query that a client sent the browser to the authorization endpoint with, as it came."""

    query: Query


class ConsentDecide(Body):
    """What the person decides on that query."""

    query: Query
    allow: bool


class ConsentAsk(BaseModel):
    """What a person is asked. `client_host` vouches for the name; without one, nobody does.

    `on_machine` says that the answer goes to a program on the person's own machine.
    """

    client_id: str
    client_name: str
    client_host: str | None
    redirect_host: str
    on_machine: bool
    scopes: list[Literal["mcp"]]
    given_at: datetime | None


class ConsentInspected(BaseModel):
    """What to ask; or, when there is nothing to ask, where to send the browser."""

    ask: ConsentAsk | None
    redirect: str | None


class ConsentDecided(BaseModel):
    """Where to send the browser."""

    redirect: str


class ConsentView(BaseModel):
    """A connected program."""

    consent_id: str
    client_id: str
    client_name: str
    client_host: str | None
    redirect_host: str
    given_at: datetime
    last_used_at: datetime | None


class ConsentList(BaseModel):
    """All connected programs of one person."""

    items: list[ConsentView]


class Connection(BaseModel):
    """What a program needs to connect: the address of `/mcp`, and whether it may register itself."""

    url: str
    registration: bool


def ask_of(wish: Wish, given: OAuthConsent | None) -> ConsentAsk:
    """Return what a person is asked; `given` is the consent of before."""
    asked = wish.asked
    return ConsentAsk(
        client_id=asked.client.client_id,
        client_name=asked.client.name,
        client_host=asked.client.host,
        redirect_host=host_of(asked.redirect_uri),
        on_machine=stays_on_the_machine(asked.redirect_uri),
        scopes=["mcp"],
        given_at=None if given is None else given.given_at,
    )


def consent_view(consent: Consent) -> ConsentView:
    """Return a connected program."""
    row, client = consent.row, consent.client
    return ConsentView(
        consent_id=row.consent_id,
        client_id=client.client_id,
        client_name=client.name,
        client_host=client.host,
        redirect_host=host_of(row.redirect_uri),
        given_at=row.given_at,
        last_used_at=row.last_used_at,
    )
