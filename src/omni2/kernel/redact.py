"""Takes secrets out of what is recorded: by the field's name, and by the shape of the value."""

import re

from pydantic import JsonValue

MASK = "[redacted]"
ERASED = "[erased]"  # what stands where content was that had to go
_NAMES = re.compile(
    r"(pass(word|wd|phrase|code)?|pwd|secret|token|authorization|credential|cookie"
    r"|(api|private|secret|access|signing|encryption)[_-]?key)$",
    re.I,
)
_SHAPES = re.compile(
    r"(omni2_[A-Za-z0-9_-]{20,}|sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abp]-[A-Za-z0-9-]{10,}"
    r"|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+"
    r"|(?i:bearer)\s+[A-Za-z0-9._~+/-]{16,}=*)"
)


def redact(value: JsonValue, depth: int = 0) -> JsonValue:
    """Return a copy of `value` with secrets replaced by `[redacted]`; deeper than 64 levels is cut."""
    if depth > 64:
        return "[too deep]"
    if isinstance(value, dict):
        return {
            key: MASK if _NAMES.search(key) and item else redact(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [redact(item, depth + 1) for item in value]
    return redact_text(value) if isinstance(value, str) else value


def redact_text(text: str) -> str:
    """Return `text` with everything that has the shape of a secret replaced."""
    return _SHAPES.sub(MASK, text)
