"""Histories of a small contest: narrow on purpose, so that ties, retries, gates, unjudged attempts and clocks that are off meet often."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from contest_server.core.facts import Event, EventKind
from tests.contests import event

SOURCES = ("yongjia/desk", "yongjia/tablet", "yueqing/desk", "yueqing/jury")
CONTESTANTS = ("A1", "A2", "B1", "B2", "G1")
STAGES = ("wiring", "quiz", "final")
JURY = "yueqing/jury"
SECONDS = (0, 2, 3, 4, 4, 4, 5, 8)
"""Few, so that contestants meet at the same moment."""

Said = tuple[str, EventKind, str | None, str | None, str | None, int, dict[str, Any]]
"""Source, kind, contestant, stage, attempt, second, data: an event before its source has numbered it."""


@st.composite
def stories(draw: DrawFn) -> list[Said]:
    """One attempt as its venue tells it: maybe begun, with evidence, then decided, or pending and decided by the jury."""
    source = draw(st.sampled_from(SOURCES[:3]))
    who, stage = draw(st.sampled_from(CONTESTANTS)), draw(st.sampled_from(STAGES))
    attempt, at = draw(st.sampled_from(("1", "2", "3"))), draw(st.sampled_from(SECONDS))
    told: list[Said] = []
    if draw(st.booleans()):
        told.append((source, "start", who, stage, attempt, max(0, at - draw(st.integers(0, 3))), {}))
    data = {"mohm": draw(st.sampled_from(("2.4", "0.4", "n/a")))} if draw(st.integers(0, 3)) else {}
    if draw(st.integers(0, 4)) == 0:
        told.append((source, "violation", who, stage, None, at, {"code": "helmet"}))
    outcome = draw(st.sampled_from(("clear", "accepted", "rejected", "free", "pending", "settled", "settled")))
    if outcome == "clear":
        told.append((source, "clear", who, stage, attempt, at, data))
    else:
        first = "pending" if outcome == "settled" else outcome
        told.append((source, "attempt", who, stage, attempt, at, {"outcome": first, **data}))
    if outcome == "settled":
        verdict = draw(st.sampled_from(("accepted", "rejected")))
        told.append((JURY, "attempt", who, stage, attempt, at + draw(st.integers(0, 4)), {"outcome": verdict}))
    return told


LOOSE: SearchStrategy[Said] = st.sampled_from(
    [
        *(("yongjia/desk", "violation", who, None, None, 3, {"code": "helmet"}) for who in ("A1", "A2", "B1", "B2")),
        ("yongjia/tablet", "evidence", "A1", "wiring", None, 2, {"mohm": "3"}),
        ("yueqing/desk", "evidence", "B1", "wiring", None, 5, {"mohm": "0.1"}),
        ("yueqing/desk", "withdraw", "B2", None, None, 6, {}),
        ("yueqing/desk", "withdraw", "G1", None, None, 6, {}),
        ("yongjia/desk", "note", None, None, None, 1, {"text": "lights went out"}),
        ("yongjia/desk", "clear", "Z9", "quiz", "1", 4, {}),
        ("yongjia/desk", "clear", "A1", "attic", "1", 4, {}),
    ]
)


@st.composite
def histories(draw: DrawFn, stories_max: int = 9) -> dict[str, list[Event]]:
    """What each source says, in its own order."""
    said = [one for story in draw(st.lists(stories(), min_size=1, max_size=stories_max)) for one in story]
    said += draw(st.lists(LOOSE, max_size=3))
    jumpy = draw(st.sampled_from((None, *SOURCES)))
    offsets = draw(st.fixed_dictionaries({source: st.sampled_from((None, 0, 740_000, -1_260_000)) for source in SOURCES}))
    streams: dict[str, list[Event]] = {}
    for source in SOURCES:
        own = [one for one in said if one[0] == source]
        if source != jumpy:
            own.sort(key=lambda one: one[5])
        offset = offsets[source]
        error = None if offset is None else 20_000
        streams[source] = [
            event(seq, kind, who, stage, attempt, at + (offset or 0) / 1e6, data, source, offset_us=offset, error_us=error)
            for seq, (_, kind, who, stage, attempt, at, data) in enumerate(own, start=1)
        ]
    return {source: stream for source, stream in streams.items() if stream}


@dataclass(frozen=True)
class Delivery:
    """A way in which the events of all sources arrive."""

    batches: list[list[Event]]


def delivered(history: dict[str, list[Event]], dice: Random, again: float = 0.3) -> Delivery:
    """Each source in its own order, woven together anyhow, cut anywhere, and now and then from an earlier number on once more."""
    batches: list[list[Event]] = []
    at = dict.fromkeys(history, 0)
    while open_sources := [source for source, stream in history.items() if at[source] < len(stream)]:
        source = dice.choice(open_sources)
        start = dice.randint(0, at[source]) if dice.random() < again else at[source]
        end = dice.randint(at[source] + 1, len(history[source]))
        batches.append(history[source][start:end])
        at[source] = end
    if batches and dice.random() < again:
        batches.append(dice.choice(batches))
    return Delivery(batches)


def in_some_order(history: dict[str, list[Event]], dice: Random) -> list[Event]:
    """All events once, each source in its own order."""
    return [one for batch in delivered(history, dice, again=0).batches for one in batch]


DICE: SearchStrategy[Random] = st.integers(0, 2**32 - 1).map(Random)
