"""Rules that level referees or venues: since when each holds, by whom, and whether marks could be seen before. Tells, and refuses none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from contest_server.core.acts import Marked
from contest_server.core.contest import Contest
from contest_server.core.facts import Adopted, Entry, Event, EventKind
from contest_server.core.flags import Flag
from contest_server.core.saying import Said

LATE = "late_adjustment"
TELLING: tuple[EventKind, ...] = ("clear", "attempt", "violation", "evidence")
"""Events that work can be judged by; what else a venue sends tells nobody a mark."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A rule of `[[conversions]]` that levels referees or venues. `number` is its place there, from 1; `since` the adoption from which on
    it has held as it is. `first_mark` is the position of the first entry that a mark could be seen by (None: there is none yet).
    """

    number: int
    rule: str
    since: Entry
    first_mark: int | None

    @property
    def is_late(self) -> bool:
        return self.first_mark is not None and self.first_mark < self.since.position


def adjustments_of(contest: Contest) -> list[Adjustment]:
    """Every one that holds now, in the order of the rules."""
    if contest.bench is None:
        return []
    levelling = [n for n, rule in enumerate(contest.bench.book.conversions) if getattr(rule.judge, "adjusts", False)]
    if not levelling:
        return []
    adoptions = [entry for entry in contest.milestones if isinstance(entry.fact, Adopted)]
    first, rules = _first_mark(contest), contest.bench.book.conversions
    return [Adjustment(n + 1, rules[n].name, _since(adoptions, n), first) for n in levelling]


def late_adjustments(contest: Contest) -> Iterator[Flag]:
    """Whoever chooses a scale after marks could be seen may know whom it helps."""
    for each in adjustments_of(contest):
        if each.is_late:
            detail = Said(
                "{rule} holds since entry {since}, by {author}; marks could be seen from entry {mark} on",
                rule=each.rule,
                since=each.since.position,
                author=each.since.author,
                mark=each.first_mark,
            )
            advice = Said("Rank by the points as they are, or state in the minutes why the adjustment was not chosen before.")
            yield Flag(
                LATE, "review", each.rule, None, None, f"conversion {each.number}", detail, each.first_mark, each.since.position,
                suggestion=advice,
            )  # fmt: skip


def _since(adoptions: list[Entry], place: int) -> Entry:
    """The first adoption from which on every one names the rule of this place, with its options as they are."""
    latest, *before = reversed(adoptions)
    now = _conversions(latest)[place]
    since = latest
    for entry in before:
        if now not in _conversions(entry):
            break
        since = entry
    return since


def _conversions(entry: Entry) -> list[object]:
    assert isinstance(entry.fact, Adopted)
    return entry.fact.definition.get("conversions") or []


def _first_mark(contest: Contest) -> int | None:
    told = (entry.position for entry in contest.events() if isinstance(entry.fact, Event) and entry.fact.kind in TELLING)
    given = (filed.position for filed in contest.office.acts.values() if isinstance(filed.act, Marked))
    return min([*islice(told, 1), *given], default=None)
