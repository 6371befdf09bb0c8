"""Drafts for the tests of the ledger: a few by hand, and strategies for all that may be one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from contest_server.core.facts import (
    Adopted,
    AttemptId,
    Clock,
    ContestantId,
    ContestId,
    Directed,
    Draft,
    Event,
    Fact,
    Finalised,
    Frozen,
    Json,
    Refused,
    SourceId,
    StageId,
    Standing,
    Thawed,
    Unveiled,
    Veiled,
    VenueId,
)
from contest_server.core.orders import Assign, At, Message, Order, Sequence, Step, TakeBack
from contest_server.core.programs import HeadToHead, Notice, RankingScene, Replay

CONTEST = ContestId("electricians-2026")
OTHER = ContestId("welders-2026")
RECEIVED_US = 1_763_801_000_124_001


def event(seq: int, source: str = "yongjia/desk-1", data: Json | None = None) -> Draft:
    """What the desk makes of an event from a venue."""
    fact = Event(
        source=SourceId(source),
        seq=seq,
        venue=VenueId("yongjia"),
        kind="clear",
        at_us=RECEIVED_US - 600,
        contestant=ContestantId("A017"),
        stage=StageId("wiring"),
        attempt=AttemptId("A017-wiring-1"),
        data={"insulation_mohm": "2.4"} if data is None else data,
    )
    return Draft(RECEIVED_US + seq, f"venue:{source}", fact, SourceId(source), seq)


def events(seqs: Iterable[int], source: str = "yongjia/desk-1") -> list[Draft]:
    return [event(seq, source) for seq in seqs]


def clock(source: str | None = None, seq: int | None = None) -> Draft:
    """A fact that carries no number of its own."""
    return Draft(RECEIVED_US, "staff:chief", Clock("start", RECEIVED_US), None if source is None else SourceId(source), seq)


def numbered_for_each(facts: Iterable[Fact]) -> list[Draft]:
    """Drafts of these facts whose events count from 1 in each source, as a desk sees to it."""
    last: dict[str, int] = {}
    drafts: list[Draft] = []
    for fact in facts:
        if isinstance(fact, (Event, Refused)):
            last[fact.source] = last.get(fact.source, 0) + 1
            fact = type(fact)(**{name: getattr(fact, name) for name in fact.__struct_fields__} | {"seq": last[fact.source]})
        drafts.append(Draft(RECEIVED_US + len(drafts), "test", fact))
    return drafts


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.text(st.sampled_from("abcä永嘉🔌-/ 017"), min_size=1, max_size=12)
sources = st.sampled_from(["yongjia/desk-1", "yueqing/desk-1", "永嘉/一号"])
micros = st.integers(0, 2**53)
numbers = st.integers(1, 2**63 - 1)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
json_objects = st.dictionaries(texts, json_values, max_size=4)

ORDERS: list[Order] = [
    Assign(HeadToHead(left="A1", right="B1", lang="zh")),
    Sequence((Step(Replay(from_="12", speed=30), 10), Step(Notice(zh="休息", en="Break"), 1)), loop=False),
    At(2**52, RankingScene(view="top:10")),
    Message("请就座", "", 5),
    TakeBack(),
]
facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(
        Event,
        source=sources,
        seq=numbers,
        venue=names,
        kind=st.sampled_from(["start", "clear", "attempt", "evidence", "violation", "withdraw", "note"]),
        at_us=micros,
        contestant=st.none() | names,
        stage=st.none() | names,
        attempt=st.none() | names,
        data=json_objects,
        offset_us=st.none() | st.integers(-(2**40), 2**40),
        error_us=st.none() | micros,
    ),
    st.builds(Refused, source=sources, seq=numbers, code=names, detail=texts),
    st.builds(Adopted, version=st.integers(1, 99), digest=names, definition=json_objects),
    st.builds(Clock, action=st.sampled_from(["start", "pause", "resume", "extend", "end"]), at_us=micros, by_ms=st.integers(0, 10**7)),
    st.builds(Frozen, minutes=st.integers(0, 999)),
    st.builds(Thawed),
    st.builds(Finalised),
    st.builds(Unveiled, id=names, contestant=names),
    st.builds(Veiled, id=names, contestant=names),
    st.builds(Directed, id=names, screen=names, order=st.sampled_from(ORDERS)),
    st.builds(Standing, contestant=names, status=st.sampled_from(["ok", "dnf", "dsq", "dns", "withdrawn"]), reason=texts),
)
drafts = st.builds(Draft, received_us=micros, author=names, fact=facts)
