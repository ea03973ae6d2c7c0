"""JSON at an edge: one meaning or none."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.kernel.jsons import canonical, dumps, loads, loads_strict

REFUSED = {
    "a duplicate key": '{"a": 1, "a": 2}',
    "a duplicate key in the depth": '[{"a": {"b": 1, "b": 1}}]',
    "a duplicate key by escape": '{"a": 1, "\\u0061": 2}',
    "NaN": '{"a": NaN}',
    "infinity": "[-Infinity]",
    "a number that is infinite": '{"a": 1e999}',
    "a lone surrogate": '"\\ud800"',
    "a lone surrogate in a key": '{"\\udfff": 1}',
    "an integer of 400 digits": "1" * 400,
    "an integer beyond 64 bits": "99999999999999999999",
    "bytes that are no text": b'"\xff"',
    "half a document": '{"a": ',
    "two documents": "1 2",
    "nothing": "",
    "five hundred levels": "[" * 500 + "]" * 500,
    "ten thousand levels": "[" * 10_000 + "]" * 10_000,
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_foreign_json_with_more_than_one_meaning_is_refused(text: str | bytes) -> None:
    with pytest.raises(Problem) as caught:
        loads_strict(text)
    assert caught.value.code == "invalid_json"
    assert caught.value.status == 400


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@given(values)
def test_what_we_write_we_read_again_by_either_door(value: JsonValue) -> None:
    assert loads(dumps(value)) == value
    assert loads_strict(dumps(value)) == value


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert loads_strict('"\\ud83d\\ude00"') == "\U0001f600"


def test_the_canonical_form_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical({"b": 1, "a": [1, {"d": 2, "c": 3}]}) == canonical({"a": [1, {"c": 3, "d": 2}], "b": 1})


def test_small_floats_are_kept() -> None:
    assert loads_strict("1e-300") == math.ldexp(1e-300, 0)
