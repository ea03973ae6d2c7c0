"""Characters that nobody sees: named where they stand, so that what a model reads is what a person reads."""

import re
import unicodedata

_KINDS = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u180b-\u180f]")


def is_hidden(character: str) -> bool:
    """Whether a character is not seen as what it is: zero width, direction, control, tag, blank."""
    if character in " \n":
        return False
    kind = unicodedata.category(character)
    return (
        kind in _KINDS or kind == "Zs" or character in _BLANK or _VARIATION.fullmatch(character) is not None
    )


def visible(text: str) -> str:
    """Return `text` with each hidden character as `[U+200B ZERO WIDTH SPACE]`."""
    return "".join(named(character) if is_hidden(character) else character for character in text)


def hidden_in(text: str) -> list[str]:
    """Return the names of the hidden characters of `text`, each once, in order."""
    return list(dict.fromkeys(named(character)[1:-1] for character in text if is_hidden(character)))


def named(character: str) -> str:
    """Return a character as its code point and name, in brackets."""
    code = ord(character)
    if 0xE0020 <= code <= 0xE007E:
        return f"[U+{code:04X} TAG {chr(code - 0xE0000)}]"
    name = unicodedata.name(character, "CONTROL" if unicodedata.category(character) == "Cc" else "")
    return f"[U+{code:04X} {name}]" if name else f"[U+{code:04X}]"
