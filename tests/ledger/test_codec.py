"""What is stored is what was stated, in one form only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from hypothesis import given
from msgspec.structs import replace

from contest_server.core.facts import Draft, Event, Refused, SourceId, Thawed
from contest_server.ledger.codec import NotAFact, decode, is_canonical, write
from contest_server.ledger.limits import BODY_MAX_BYTES, NAME_MAX_CHARS, LimitExceeded
from tests.ledger.drafts import RECEIVED_US, clock, drafts, event


@given(drafts)
def test_what_is_written_reads_as_it_was_stated(draft: Draft) -> None:
    body = write(draft).body
    read = decode(body)
    assert (read.received_us, read.author, read.fact) == (draft.received_us, draft.author, draft.fact)


@given(drafts)
def test_there_is_one_form_only(draft: Draft) -> None:
    body = write(draft).body
    assert is_canonical(body, decode(body))
    assert msgspec.json.encode(msgspec.json.decode(body), order="sorted") == body, "a program that knows no facts writes the same bytes"


@given(drafts)
def test_a_text_column_keeps_the_bytes(draft: Draft) -> None:
    body = write(draft).body
    assert body.decode().encode() == body
    assert b"\n" not in body
    assert b"\0" not in body


def test_the_form_of_old_ledgers_is_still_the_form() -> None:
    """Ledgers out there hold these bytes. If this fails, they no longer verify: give a new field a default that is left out."""
    old = (
        b'{"author":"venue:yongjia/desk-1","fact":{"at_us":1763801000123401,"attempt":"A017-wiring-1","contestant":"A017",'
        b'"data":{"insulation_mohm":"2.4"},"kind":"clear","seq":42,"source":"yongjia/desk-1","stage":"wiring","type":"event",'
        b'"venue":"yongjia"},"received_us":1763801000124043}'
    )
    assert write(event(42)).body == old
    assert is_canonical(old, decode(old))


class Text(str):
    """Looks like a text, and may be more."""


@pytest.mark.parametrize("field", Event.__struct_fields__)
@pytest.mark.parametrize(
    "value", [True, 1, 1.0, -1, 2**64, "1", Text("1"), b"1", ["1"], ("1",), {"a": 1}, {"a": 1.0}, None, "clear"], ids=repr
)
def test_a_field_reads_as_it_was_stated_or_is_refused(field: str, value: Any) -> None:
    """Whatever its type claims: True is not 1."""
    numbered = event(1)
    fact = replace(numbered.fact, **{field: value})
    try:
        written = write(Draft(numbered.received_us, numbered.author, fact))
    except (NotAFact, LimitExceeded):
        return
    read = decode(written.body)
    assert is_canonical(written.body, read)
    assert read.fact == written.fact == fact
    assert msgspec.json.encode(written.fact, order="sorted") == msgspec.json.encode(read.fact, order="sorted")
    assert [type(getattr(written.fact, name)) for name in Event.__struct_fields__] == [
        type(getattr(read.fact, name)) for name in Event.__struct_fields__
    ]


@dataclass
class Looks:
    like: str = "JSON"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, (1, 2), b"x", {1: 2}, "\ud800", {"\ud800": 1}, {1, 2}, object(), Looks()])
def test_what_would_read_differently_is_refused(value: Any) -> None:
    with pytest.raises(NotAFact):
        write(event(1, data={"a": value}))


@pytest.mark.parametrize("seq", ["1", 1.0, True, None, 0, -1, 2**63])
def test_a_number_that_is_none_is_refused(seq: Any) -> None:
    with pytest.raises((NotAFact, LimitExceeded)):
        write(Draft(RECEIVED_US, "test", Refused(SourceId("yongjia/desk-1"), seq, "bad_event", "")))


def test_data_nested_beyond_all_measure_is_refused() -> None:
    data: dict[str, Any] = {}
    for _ in range(100_000):
        data = {"a": data}
    with pytest.raises(NotAFact):
        write(event(1, data=data))


@pytest.mark.parametrize("author", ["", "x" * (NAME_MAX_CHARS + 1), "a\0b", "a\nb"])
def test_an_author_has_a_name_one_can_print(author: str) -> None:
    with pytest.raises(LimitExceeded, match="author"):
        write(Draft(RECEIVED_US, author, Thawed()))


def test_a_fact_has_a_largest_size() -> None:
    with pytest.raises(LimitExceeded, match=str(BODY_MAX_BYTES)):
        write(event(1, data={"a": "x" * BODY_MAX_BYTES}))


def test_an_event_carries_its_number_whatever_its_draft_says() -> None:
    numbered = event(7)
    bare = Draft(numbered.received_us, numbered.author, numbered.fact)
    assert write(bare).number == write(numbered).number == ("yongjia/desk-1", 7)


def test_a_draft_may_number_a_fact_that_has_no_number() -> None:
    assert write(clock("office/tablet", 3)).number == ("office/tablet", 3)
    assert write(clock()).number is None


def test_a_draft_that_contradicts_its_fact_is_refused() -> None:
    numbered = event(7)
    with pytest.raises(NotAFact, match="numbered"):
        write(Draft(numbered.received_us, numbered.author, numbered.fact, numbered.source, 8))


@pytest.mark.parametrize(("source", "seq"), [("office/tablet", None), (None, 3)])
def test_half_a_number_is_refused(source: str | None, seq: int | None) -> None:
    with pytest.raises(NotAFact, match="neither"):
        write(clock(source, seq))


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b'{"author":"a","fact":{"type":"rumour"},"received_us":1}', b"\xff", b'{"author":"a"', b"[" * 100_000],
)
def test_what_is_no_fact_is_named_so(body: bytes) -> None:
    with pytest.raises(NotAFact):
        decode(body)


def test_the_fact_of_a_draft_is_not_shared_with_readers() -> None:
    """Somebody who changes `data` afterwards does not change what others read."""
    draft = event(1)
    assert isinstance(draft.fact, Event)
    read = write(draft).fact
    draft.fact.data["insulation_mohm"] = "9.9"
    assert isinstance(read, Event)
    assert read.data == {"insulation_mohm": "2.4"}
