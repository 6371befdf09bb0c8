"""Other figures out of the standing: season points, teams, passes, a scale of 700. They never change the standing itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from contest_server.core.asking import ask
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId
from contest_server.core.judging import Converted, Opinion, Placed
from contest_server.core.rows import plain_decimal
from contest_server.core.rulebook import Rule
from contest_server.core.ties import Medal, medals


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
    placed = []
    for contestant in contest.ranking:
        record = contest.record(contestant, bench)
        total, _ = contest.sheets[contestant].total(record, bench)
        ok = contest.sheets[contestant].status == "ok"
        rank = contest.ranking.rank_of(contestant) if ok else None
        placed.append(Placed(contestant, rank, total.points, total.time_ms, record, teams.get(contestant)))
    return placed


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
    ranked = [(each, each.rank) for each in standing_of(contest) if each.rank is not None and each.record.cells]
    given = medals([(rank, each.points) for each, rank in ranked], ties.medals, ties.medal_delta)
    return {each.contestant: medal for (each, _), medal in zip(ranked, given, strict=True) if medal is not None}
