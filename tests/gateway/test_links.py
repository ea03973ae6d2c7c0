"""What a client says that it answers, as servers are told of it."""

import pytest

from omni2.gateway.link import BaseLink
from omni2.gateway.wire import Object
from omni2.upstream.envelope import capabilities


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, {}),
        ({"elicitation": {}}, {"elicitation": {"form": {}}}),
        ({"elicitation": {"form": {}}}, {"elicitation": {"form": {}}}),
        ({"elicitation": {"url": {}}}, {"elicitation": {"url": {}}}),
        ({"elicitation": {"form": {}, "url": {}}}, {"elicitation": {"form": {}, "url": {}}}),
        ({"elicitation": True, "sampling": {"tools": {}}}, {"sampling": {}}),
        ({"roots": {"listChanged": True}, "experimental": {}}, {"roots": {}}),
    ],
)
def test_a_server_is_told_what_its_caller_answers_and_in_which_way(said: Object, told: Object) -> None:
    assert capabilities(BaseLink(None, said, {}, None)) == told
