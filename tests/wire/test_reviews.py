"""An official's session without its socket: three messages are understood, and whoever talks nonsense for long is sent away."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.wire.patience import MESSAGE_MAX_BYTES
from contest_server.wire.reading import BadMessage
from contest_server.wire.reviews import Leave, Look, ReviewHello, ReviewSession, read


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ({"type": "hello", "token": None}, ReviewHello(None)),
        ({"type": "hello"}, ReviewHello(None)),
        ({"type": "hello", "token": "os_x"}, ReviewHello("os_x")),
        ({"type": "look", "contestant": "A1", "stage": "quiz"}, Look("A1", "quiz")),
        ({"type": "look", "contestant": None, "stage": None}, Look()),
        ({"type": "leave"}, Leave()),
    ],
)
def test_what_an_official_says_is_understood(said: Any, understood: Any) -> None:
    assert read(json.dumps(said)) == understood


@pytest.mark.parametrize(
    "said",
    [
        "", "{", b"\xff", "[]", "null", '{"type":"rule"}', '{"type":"look","contestant":5}', '{"type":"look","contestant":""}',
        json.dumps({"type": "look", "contestant": "A" * 65}), json.dumps({"type": "hello", "token": "x" * 201}),
        json.dumps({"type": "look", "contestant": "A1", "more": "x" * MESSAGE_MAX_BYTES}), "[" * 4_000, '"\ud800"',
    ],
    ids=range(13),
)  # fmt: skip
def test_what_is_no_message_or_too_long_is_refused(said: str | bytes) -> None:
    with pytest.raises(BadMessage):
        read(said)


def test_nonsense_is_borne_until_it_is_too_much_in_a_row() -> None:
    session = ReviewSession(bad_max=3)
    for _ in range(10):
        assert session.receive("{") is session.receive("[]") is None
        assert session.receive('{"type":"leave"}') == Leave()
    session.receive("{")
    session.receive("{")
    with pytest.raises(BadMessage):
        session.receive("{")


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_nothing_that_is_said_ends_in_another_error(said: str | bytes) -> None:
    heard = ReviewSession(bad_max=2).receive(said)
    assert heard is None or isinstance(heard, (ReviewHello, Look, Leave))
