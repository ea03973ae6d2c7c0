"""Short names: one namespace of servers and virtual servers."""

import re
from collections.abc import Collection

from omni2.kernel.errors import Problem


def slug_of(title: str) -> str:
    """Return a short name made of a title."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:32].strip("-") or "server"


def free_slug(taken: Collection[str], wanted: str | None, title: str) -> str:
    """Return `wanted`, or a free name made of the title; raise `Problem` slug_taken."""
    if wanted is not None:
        if wanted in taken:
            raise slug_taken(wanted)
        return wanted
    base = slug_of(title)
    candidates = (base, *(f"{base[:29]}-{number}" for number in range(2, 100)))
    free = next((slug for slug in candidates if slug not in taken), None)
    if free is None:
        raise slug_taken(base)
    return free


def slug_taken(slug: str) -> Problem:
    """Return the problem of a short name that somebody else has."""
    detail = f"Another server is called {slug}. Choose another short name."
    return Problem("slug_taken", 409, detail, field="slug")
