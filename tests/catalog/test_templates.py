"""Resource templates: which URIs they stand for, quickly also when somebody makes it hard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni2.catalog.templates import could_be, literal_start


@pytest.mark.parametrize(
    ("template", "uri", "fits"),
    [
        ("file:///{name}", "file:///notes.txt", True),
        ("file:///{name}", "file:///a/b", False),
        ("file:///{+path}", "file:///a/b?c#d", True),
        ("file:///{name}", "http:///notes.txt", False),
        ("db://{table}/rows/{id}", "db://people/rows/7", True),
        ("db://{table}/rows/{id}", "db://people/columns/7", False),
        ("db://{table}{?limit,after}", "db://people?limit=3&after=x/y", True),
        ("db://{table}{?limit}", "db://people", True),
        ("repo://{owner}{/path}", "repo://me/a/b", True),
        ("exact://one", "exact://one", True),
        ("exact://one", "exact://one/two", False),
        ("odd://{unclosed", "odd://{unclosed", True),
        ("odd://{unclosed", "odd://value", False),
        ("{scheme}://x", "a://x", True),
    ],
)
def test_a_template_stands_for_the_uris_that_its_variables_can_make(
    *, template: str, uri: str, fits: bool
) -> None:
    assert could_be(template, uri) is fits


@given(st.lists(st.text(alphabet="ab", max_size=3), min_size=1, max_size=5), st.data())
def test_every_expansion_of_a_template_fits_it(literals: list[str], data: st.DataObject) -> None:
    template, uri = literals[0], literals[0]
    for literal in literals[1:]:
        template += "{v}" + literal
        uri += data.draw(st.text(alphabet="abc", max_size=3)) + literal
    assert could_be(template, uri)
    assert uri.startswith(literal_start(template))


def test_a_hard_template_is_judged_in_a_time_that_grows_with_its_length() -> None:
    assert not could_be("{a}a" * 200 + "b", "a" * 2_000)
