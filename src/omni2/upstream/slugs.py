"""Names of tools as models and clients see them: `slug__tool`, at most 64 plain characters."""

import hashlib
import re

MAX_LENGTH = 64
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def tool_name(slug: str, tool: str) -> str:
    """Return `slug__tool`; what is too long or not plain is cut and gets an 8-character hash."""
    name = f"{slug}__{tool}"
    if len(name) <= MAX_LENGTH and _PLAIN.fullmatch(name):
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", name)
    return f"{plain[: MAX_LENGTH - 9]}_{mark}"
