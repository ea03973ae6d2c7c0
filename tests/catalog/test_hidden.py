"""Hidden characters: every way to say to a model what a person does not see becomes visible."""

import pytest

from omni2.catalog.hidden import hidden_in, visible


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\u200b", "[U+200B ZERO WIDTH SPACE]"),
        ("\u200d", "[U+200D ZERO WIDTH JOINER]"),
        ("\ufeff", "[U+FEFF ZERO WIDTH NO-BREAK SPACE]"),
        ("\u202e", "[U+202E RIGHT-TO-LEFT OVERRIDE]"),
        ("\u2066", "[U+2066 LEFT-TO-RIGHT ISOLATE]"),
        ("\x1b", "[U+001B CONTROL]"),
        ("\x07", "[U+0007 CONTROL]"),
        ("\u2028", "[U+2028 LINE SEPARATOR]"),
        ("\u00ad", "[U+00AD SOFT HYPHEN]"),
        ("\u00a0", "[U+00A0 NO-BREAK SPACE]"),
        ("\u3164", "[U+3164 HANGUL FILLER]"),
        ("\u2800", "[U+2800 BRAILLE PATTERN BLANK]"),
        ("\ufe0f", "[U+FE0F VARIATION SELECTOR-16]"),
        ("\U000e0041", "[U+E0041 TAG A]"),
        ("\U000e0101", "[U+E0101 VARIATION SELECTOR-18]"),
        ("\ue000", "[U+E000]"),
    ],
)
def test_a_character_that_nobody_sees_is_named_where_it_stands(hidden: str, shown: str) -> None:
    assert visible(f"a{hidden}b") == f"a{shown}b"
    assert hidden_in(f"a{hidden}b{hidden}") == [shown[1:-1]]


def test_what_everybody_sees_stays_as_it_is() -> None:
    text = "Sucht \u00fcberall: \u4e2d\u6587, \u0434\u0430, na\u00efve.\nNext line - 100 %"
    assert visible(text) == text
    assert hidden_in(text) == []
