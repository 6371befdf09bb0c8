"""The points beside what `[[conversions]]` make of them, while the contest runs. For staff; for the public once the result is published.

It decides nothing: the standing is by the points as they are, whatever stands beside them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter_ns
from typing import Annotated, Any
from weakref import WeakKeyDictionary

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from contest_server.core.adjusting import Adjustment, adjustments_of
from contest_server.core.audience import Audience
from contest_server.core.contest import Contest
from contest_server.core.conversions import standing_of
from contest_server.core.corrections import publications
from contest_server.core.facts import Adopted, ContestantId, ContestId
from contest_server.core.judging import Converted, Placed
from contest_server.core.rows import BoardRow
from contest_server.core.rulebook import Rule
from contest_server.core.saying import Said, Text
from contest_server.core.times import text_of_us
from contest_server.live.shared_work import SharedWork
from contest_server.web.access import require_audience
from contest_server.web.converted import Made, Row, converted, made_of
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.languages import Language, language, told
from contest_server.web.rights import needs

router = APIRouter(prefix="/api/contests/{contest}", tags=["board"])

FRESH_US = 5_000_000
"""What was reckoned is good for everybody who asks within this time (µs),"""
FRESH_TIMES = 20
"""and within so many times the time that it took: reckoning never takes more than a part of a processor."""


@dataclass(frozen=True, slots=True, eq=False)
class Reckoned:
    """What the rules made of the standing at a position, good until `until_us`.

    `rows` are by contestant, in the order of the board; none where no rule converts. `told` is everything in the languages that somebody
    asked for, as JSON.
    """

    position: int
    until_us: int
    rules: Sequence[Row]
    rows: Mapping[str, Row]
    figures: Sequence[Row]
    of_contestants: Mapping[int, Mapping[str, Converted]]
    told: dict[Language, Mapping[str, msgspec.Raw]] = field(default_factory=dict)


_kept: WeakKeyDictionary[Contest, Reckoned] = WeakKeyDictionary()
_reckoning = SharedWork[Contest, Reckoned]()
"""Who comes first waits for it; others get meanwhile what there is."""
_telling = SharedWork[tuple[Reckoned, Language], Mapping[str, msgspec.Raw]]()


@router.get("/conversions", dependencies=[needs("board.read", more="board.read_all")])
async def conversions(
    request: Request,
    contest: str,
    house: Annotated[House, Depends(house_of)],
    audience: Annotated[Audience, Query(description="public, once the result is published; or staff with a token")] = "public",
    contestant: Annotated[str | None, Query(description="this one alone, with how each figure came about")] = None,
) -> Response:
    """Everybody's points with what `[[conversions]]` make of them: rules that level referees or venues, season points, teams.

    Reckoned anew at most every five seconds, in large contests more rarely. Each rule that levels says since when it holds, by whom, and
    whether marks could be seen before (`late`). There are no rows where no rule converts.
    """
    await require_audience(request.headers, house, ContestId(contest), audience)
    now = (await house.desks.desk(ContestId(contest))).contest
    if audience == "public":
        _check_published(now)
    found = await _reckoned(now, house.now_us())
    if contestant is None:
        parts = await _told(found)
    elif contestant in now.rows:
        parts = _in_words(_parts(found, _alone(found, ContestantId(contestant))), language())
    else:
        raise ApiError(404, "unknown_contestant", Said("{contestant!r} is not in the definition", contestant=contestant))
    answer = {"contest": contest, "position": found.position, "final": now.final, **parts}
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _check_published(contest: Contest) -> None:
    """Raises ApiError: a scale is chosen before marks are seen, and nobody should argue about it while they are."""
    if contest.frozen is not None or not publications(contest):
        raise ApiError(403, "not_published", Said("what stands beside the points is shown to everybody once the result is published"))


async def _reckoned(contest: Contest, now_us: int) -> Reckoned:
    """What is fresh enough, or reckoned anew. Rules may take their time, and hold up nobody here. Raises ApiError."""
    known = _kept.get(contest)
    if known is not None and (known.position == contest.position or now_us < known.until_us or _reckoning.is_under_way(contest)):
        return known
    if contest.bench is None:
        raise ApiError(404, "no_definition", Said("contest {contest!r} has no definition yet; adopt one", contest=contest.id))
    return await _reckoning.of(contest, partial(_reckon, contest, contest.bench.book.conversions, now_us))


async def _reckon(contest: Contest, rules: Sequence[Rule], now_us: int) -> Reckoned:
    begun_ns, position = perf_counter_ns(), contest.position
    standing = standing_of(contest) if rules else ()
    ranked = [(contest.ranking.rank_of(each), contest.rows[each]) for each in contest.ranking] if rules else []
    parts = await asyncio.to_thread(_made, rules, standing, ranked, adjustments_of(contest))
    took_us = (perf_counter_ns() - begun_ns) // 1_000
    found = _kept[contest] = Reckoned(position, now_us + max(FRESH_US, FRESH_TIMES * took_us), *parts)
    return found


def _made(
    rules: Sequence[Rule],
    standing: Sequence[Placed],
    ranked: Sequence[tuple[int | None, BoardRow]],
    adjustments: Sequence[Adjustment],
) -> tuple[Sequence[Row], Mapping[str, Row], Sequence[Row], Mapping[int, Mapping[str, Converted]]]:
    """Rules, rows by contestant and figures as they are told, and what each rule gives of contestants. It is work for a thread."""
    made = made_of(rules, standing)
    of_contestants = made.of_contestants()
    about = [_rule(number, title, made, adjustments) for number, title in made.titles().items()]
    rows = {str(each.row.id): _row(rank, each, of_contestants) for rank, each in ranked}
    return about, rows, list(made.figures()), of_contestants


async def _told(found: Reckoned) -> Mapping[str, msgspec.Raw]:
    """Everything in the language of the answer, put into words once for all who read it."""
    of = language()
    if of not in found.told:
        parts = _parts(found, found.rows.values())
        found.told[of] = await _telling.of((found, of), partial(asyncio.to_thread, _in_words, parts, of))
    return found.told[of]


def _parts(found: Reckoned, rows: Collection[Row]) -> dict[str, Collection[Row]]:
    return {"rules": found.rules, "rows": list(rows), "figures": found.figures}


def _in_words(parts: Mapping[str, Collection[Row]], of: Language) -> dict[str, msgspec.Raw]:
    encoder = msgspec.json.Encoder(enc_hook=lambda value: told(value, of) if isinstance(value, Said) else str(value))
    return {name: msgspec.Raw(encoder.encode(part)) for name, part in parts.items()}


def _rule(number: int, title: Text, made: Made, adjustments: Sequence[Adjustment]) -> Row:
    adjustment = next((each for each in adjustments if each.number == number), None)
    about = {"number": number, "rule": made.answers[number - 1][0].name, "title": title}
    return {**about, "adjusts": None if adjustment is None else adjustment_document(adjustment)}


def adjustment_document(each: Adjustment) -> dict[str, Any]:
    """Since when a rule that levels holds, and whether that was late, as JSON."""
    fact, since = each.since.fact, each.since
    reason = fact.reason if isinstance(fact, Adopted) else ""
    about = {"position": since.position, "at": text_of_us(since.received_us), "by": since.author, "reason": reason}
    return {"since": about, "first_mark": each.first_mark, "late": each.is_late}


def _row(rank: int | None, board_row: BoardRow, of_contestants: Mapping[int, Mapping[str, Converted]]) -> Row:
    row = board_row.row
    return {
        "rank": rank,
        "id": row.id,
        "venue": board_row.venue,
        "points": row.points,
        "status": row.status,
        "conversions": {str(n): converted(found[row.id]) if row.id in found else None for n, found in of_contestants.items()},
    }


def _alone(found: Reckoned, who: ContestantId) -> list[Row]:
    """The row of one contestant, with how each figure came about."""
    if who not in found.rows:
        return []
    of_rules = {str(n): each[who] for n, each in found.of_contestants.items() if who in each}
    steps = {n: [{"what": step.what, "result": step.result} for step in each.steps] for n, each in of_rules.items()}
    return [{**found.rows[who], "steps": steps}]
