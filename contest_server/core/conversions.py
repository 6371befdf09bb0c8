"""Other figures out of the standing: season points, teams, passes, a scale of 700. They never change the standing itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from msgspec import structs

from contest_server.core.acts import Disqualify, Override, Ruled
from contest_server.core.asking import ask
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, StageId
from contest_server.core.judging import ContestantRecord, Converted, Opinion, Placed
from contest_server.core.rows import plain_decimal
from contest_server.core.rulebook import Rule, Rulebook
from contest_server.core.sights import PanelsOf
from contest_server.core.ties import Medal, medals
from contest_server.core.totalling import record_of, total_of


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


def standing_of(contest: Contest) -> list[Placed]:
    """Everybody in the order of the board. Only who competes and has no other status has a rank here."""
    bench = contest.bench
    if bench is None:
        return []
    teams = {ContestantId(each.id): each.team for each in bench.book.definition.contestants}
    officials, ruled = {each.id for each in bench.book.definition.officials}, _ruled(contest)
    placed = []
    for contestant in contest.ranking:
        sheet, record, row = contest.sheets[contestant], contest.record(contestant, bench), contest.rows[contestant]
        rank = contest.ranking.rank_of(contestant) if sheet.status == "ok" else None
        panels = PanelsOf(bench.book, record, officials, ruled.get(contestant, ()))
        points_with = partial(_points_with, record, bench.book, sheet.charges(bench))
        placed.append(Placed(contestant, rank, row.points, row.row.time_ms, record, teams.get(contestant), panels, points_with))
    return placed


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
    board = standing_of(contest)
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
