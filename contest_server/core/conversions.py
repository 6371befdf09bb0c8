"""Other figures out of the standing: season points, teams, passes, a scale of 700. They never change the standing itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import overload

from msgspec import structs

from contest_server.core.acts import Disqualify, Override, Ruled
from contest_server.core.asking import ask
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, StageId, VenueId
from contest_server.core.judging import CellResult, ContestantRecord, Converted, Opinion, Placed
from contest_server.core.rows import BoardRow, plain_decimal
from contest_server.core.rulebook import Rule, Rulebook
from contest_server.core.sights import PanelsOf
from contest_server.core.ties import Medal, medals
from contest_server.core.totalling import record_of, total_of, with_awards


@dataclass(frozen=True, slots=True)
class Figure:
    """What a rule makes of the standing for `who`, a contestant or a team, and what it asks about that (`told`).

    `number` is the rule's place in `[[conversions]]`, from 1. Without `who` and `value` the rule failed, and `told` says why.
    """

    number: int
    rule: str
    who: str | None
    value: str | None
    told: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """A contestant as they were at one moment. None of this changes any more."""

    contestant: ContestantId
    venue: VenueId | None
    rank: int | None
    row: BoardRow
    cells: Mapping[StageId, CellResult]
    charges: Sequence[Ruled]


class Standing(Sequence[Placed]):
    """Everybody in the order of the board, as they were when it was made, which is short. What rules see of somebody is made when somebody
    looks, in whatever thread.
    """

    def __init__(
        self,
        book: Rulebook,
        seen: Sequence[_Seen],
        awards: Mapping[StageId, Mapping[ContestantId, Decimal]],
        ruled: Mapping[ContestantId, Collection[tuple[StageId, str | None]]],
    ) -> None:
        self._book, self._seen, self._awards, self._ruled = book, seen, awards, ruled
        self._officials = {each.id for each in book.definition.officials}
        self._teams = {ContestantId(each.id): each.team for each in book.definition.contestants}

    def __len__(self) -> int:
        return len(self._seen)

    @overload
    def __getitem__(self, index: int) -> Placed: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Placed]: ...

    def __getitem__(self, index: int | slice) -> Placed | Sequence[Placed]:
        if isinstance(index, slice):
            return [self._placed(each) for each in self._seen[index]]
        return self._placed(self._seen[index])

    def _placed(self, seen: _Seen) -> Placed:
        book, who, row = self._book, seen.contestant, seen.row
        awards = {stage: award for stage, of in self._awards.items() if (award := of.get(who)) and stage in seen.cells}
        record = record_of(who, seen.venue, with_awards(seen.cells, awards), book)
        panels = PanelsOf(book, record, self._officials, self._ruled.get(who, ()))
        points_with = partial(_points_with, record, book, seen.charges)
        return Placed(who, seen.rank, row.points, row.row.time_ms, record, self._teams.get(who), panels, points_with)


def standing_of(contest: Contest) -> Sequence[Placed]:
    """Everybody in the order of the board. Only who competes and has no other status has a rank here."""
    bench = contest.bench
    if bench is None:
        return []
    seen = []
    for contestant in contest.ranking:
        sheet = contest.sheets[contestant]
        rank = contest.ranking.rank_of(contestant) if sheet.status == "ok" else None
        seen.append(_Seen(contestant, sheet.venue, rank, contest.rows[contestant], sheet.cells.copy(), sheet.charges(bench)))
    return Standing(bench.book, seen, contest.awards(), _ruled(contest))


def _ruled(contest: Contest) -> Mapping[ContestantId, Collection[tuple[StageId, str | None]]]:
    """The stages and aspects whose marks a ruling set."""
    found: dict[ContestantId, set[tuple[StageId, str | None]]] = {}
    for ruling in contest.office.rulings.in_force():
        match ruling.action:
            case Override(aspect=aspect, marks=str()) | Disqualify(aspect=aspect):
                if ruling.contestant is not None and ruling.stage is not None:
                    found.setdefault(ruling.contestant, set()).add((ruling.stage, aspect))
    return found


def _points_with(record: ContestantRecord, book: Rulebook, charges: Sequence[Ruled], marks: Mapping[StageId, Decimal]) -> Decimal:
    """The points that these marks of stages would make."""
    cells = {stage: structs.replace(cell, marks=marks.get(stage, cell.marks)) for stage, cell in record.cells.items()}
    return total_of(record_of(record.contestant, record.venue, cells, book), book, charges)[0].points


def conversions_of(contest: Contest) -> list[tuple[Rule, Mapping[str, Converted] | Opinion]]:
    """What each rule of `[[conversions]]` makes of the standing, by contestant or team; its failure as a question."""
    if contest.bench is None or not contest.bench.book.conversions:
        return []
    board = list(standing_of(contest))
    return [(rule, ask(rule, "convert", board)) for rule in contest.bench.book.conversions]


def figures_of(contest: Contest) -> list[Figure]:
    """All of them, in the order of the rules, for whoever reads the result."""
    return [
        figure for number, (rule, answer) in enumerate(conversions_of(contest), start=1) for figure in _figures(number, rule.name, answer)
    ]


def _figures(number: int, rule: str, answer: Mapping[str, Converted] | Opinion) -> Iterator[Figure]:
    if isinstance(answer, Opinion):
        yield Figure(number, rule, None, None, (str(answer.detail),))
        return
    for who, made in answer.items():
        yield Figure(number, rule, str(who), plain_decimal(made.value), tuple(str(opinion.detail) for opinion in made.opinions))


def medals_of(contest: Contest) -> dict[ContestantId, Medal]:
    """Who gets which medal, as `[ties]` says; nothing where it says nothing."""
    ties = contest.definition.ties if contest.definition else None
    if ties is None:
        return {}
    begun = [each for each in contest.ranking if contest.sheets[each].status == "ok" and contest.sheets[each].cells]
    ranked = [(each, rank) for each in begun if (rank := contest.ranking.rank_of(each)) is not None]
    given = medals([(rank, contest.rows[each].points) for each, rank in ranked], ties.medals, ties.medal_delta)
    return {each: medal for (each, _), medal in zip(ranked, given, strict=True) if medal is not None}
