"""The result as a table, for the minutes, the press and the federation: the board of staff as it is now, with names, medals and figures.

What is frozen for the public is shown as it is, so it is for whoever sees the board of staff. It decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from contest_server.core.contest import Contest
from contest_server.core.conversions import medals_of, standing_of
from contest_server.core.corrections import publications
from contest_server.core.definition import Definition
from contest_server.core.facts import ContestantId, ContestId, Json, StageId
from contest_server.core.judging import Converted, Placed
from contest_server.core.remembered import PublishedBoard
from contest_server.core.rows import BoardRow, FirstClears, digest_of_board
from contest_server.core.rulebook import Rule
from contest_server.core.saying import Coded, Named, Said, Text
from contest_server.core.ties import Medal
from contest_server.core.times import text_of_us
from contest_server.web.converted import Made, converted, made_of
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.languages import document_of, told
from contest_server.web.reckoned import once_a_position
from contest_server.web.rights import needs
from contest_server.web.spreadsheets import CSV, clock_text, csv_of

router = APIRouter(prefix="/api/contests/{contest}/results", tags=["board"])

HEADINGS: Mapping[str, Said] = {
    "rank": Said("Rank"),
    "id": Said("ID"),
    "number": Said("Number"),
    "name": Said("Name"),
    "venue": Said("Venue"),
    "employer": Said("Employer"),
    "points": Said("Points"),
    "time_ms": Said("Time"),
    "cleared": Said("Stages cleared"),
    "status": Said("Status"),
    "medal": Said("Medal"),
}
OF_SOME = ("number", "employer")
"""Columns that are there where somebody has such a thing."""
FIGURES: Mapping[str, Said] = {"rule": Said("Figure"), "who": Said("Team"), "value": Said("Value"), "told": Said("Remarks")}
MEDALS: Mapping[Medal, Said] = {"gold": Said("Gold"), "silver": Said("Silver"), "bronze": Said("Bronze")}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """A result at its position, with all that it takes to write it down. Nothing in it changes any more, so a thread may read it.

    `made`: what each rule of `[[conversions]]` (`rules`) makes of the `standing`, or why it fails, once it was asked; `digest`: that of the
    board, once it was reckoned.
    """

    contest: ContestId
    definition: Definition
    position: int
    first: FirstClears
    final: bool
    frozen: int | None
    published: PublishedBoard | None
    ranked: Sequence[tuple[int | None, BoardRow]]
    medals: Mapping[ContestantId, Medal]
    people: Mapping[ContestantId, Json]
    rules: Sequence[Rule]
    standing: Sequence[Placed]
    made: Made = field(default_factory=lambda: Made(()))
    digest: str = ""


@router.get(
    "",
    response_model=None,
    responses={200: {"content": {CSV: {}}, "description": "the table, as JSON or as a file for spreadsheets"}},
    dependencies=[needs("board.read_all")],
)
async def results(
    contest: str,
    house: Annotated[House, Depends(house_of)],
    form: Annotated[Literal["json", "csv"], Query(alias="format", description="json, or csv for spreadsheets")] = "json",
    of: Annotated[Literal["contestants", "figures"], Query(description="which of the two tables a CSV is")] = "contestants",
) -> Response:
    """The result as a table: everybody in the order of the board of staff, with points by stage, medals and `[[conversions]]`.

    It is never frozen. The JSON says whether the result is final, frozen for the public and published, at which position and digest.
    Headings and words are in the language that is asked for.
    """
    desk = await house.desks.desk(ContestId(contest))
    people = await house.rosters.of(ContestId(contest))
    documents = {each.contestant: each.document for each in people.people}
    return await asyncio.to_thread(_answer, _result(desk.contest, documents), form, of)


def _result(contest: Contest, people: Mapping[ContestantId, Json]) -> Result:
    """The contest as it is at this moment. Raises ApiError."""
    definition, bench, boards = contest.definition, contest.bench, publications(contest)
    if definition is None or bench is None:
        raise ApiError(404, "no_definition", Said("contest {contest!r} has no definition yet; adopt one", contest=contest.id))
    return Result(
        contest.id,
        definition,
        contest.position,
        contest.first_clears(),
        contest.final,
        None if contest.frozen is None else contest.frozen.position,
        boards[-1] if boards else None,
        [(contest.ranking.rank_of(each), contest.rows[each]) for each in contest.ranking],
        _medals(contest),
        people,
        bench.book.conversions,
        standing_of(contest) if bench.book.conversions else (),
    )


_medals = once_a_position(medals_of)


def _answer(result: Result, form: str, of: str) -> Response:
    """The file, or the document. Rules may take their time, and hold up nobody here."""
    digest = digest_of_board({each.row.id: each for _, each in result.ranked}, result.first)
    result = replace(result, made=made_of(result.rules, result.standing), digest=digest)
    kept = {"Cache-Control": "no-store"}
    if form == "json":
        return Response(msgspec.json.encode(_document(result)), media_type="application/json", headers=kept)
    name = "results" if of == "contestants" else "figures"
    file = quote(f"{result.contest}-{name}-{result.position}.csv", safe="")
    table = _contestants_table(result) if of == "contestants" else _figures_table(result)
    return Response(csv_of(table), media_type=CSV, headers={**kept, "Content-Disposition": f"attachment; filename*=UTF-8''{file}"})


# ---- what stands in it -----------------------------------------------------------------------------------------------------------


def _rows(result: Result) -> list[Row]:
    """Each contestant in the order of the board: codes and plain figures, names in both languages, None where there is nothing."""
    conversions = result.made.of_contestants()
    return [_row(result, rank, each, conversions) for rank, each in result.ranked]


def _row(result: Result, rank: int | None, board_row: BoardRow, conversions: Mapping[int, Mapping[str, Converted]]) -> Row:
    row, person = board_row.row, result.people.get(board_row.row.id, {})
    stages = [StageId(each.id) for each in result.definition.stages]
    return {
        "rank": rank,
        "id": row.id,
        "number": person.get("number"),
        "name": person.get("name") or {"zh": row.id, "en": row.id},
        "venue": board_row.venue,
        "employer": person.get("employer"),
        "points": row.points,
        "time_ms": row.time_ms,
        "cleared": row.cleared,
        "status": row.status,
        "medal": result.medals.get(row.id),
        "stages": {stage: row.stages[stage].points if stage in row.stages else None for stage in stages},
        "conversions": {str(number): converted(made[row.id]) if row.id in made else None for number, made in conversions.items()},
    }


# ---- as JSON ---------------------------------------------------------------------------------------------------------------------


def _document(result: Result) -> Any:
    rows, about = _rows(result), result.definition.contest
    columns = [{"key": key, "heading": heading} for key, heading in _columns(result, rows).items()]
    return document_of(
        {
            "contest": result.contest,
            "name": {"zh": about.name.zh, "en": about.name.en},
            "definition": about.version,
            "position": result.position,
            "digest": result.digest,
            "final": result.final,
            "frozen": None if result.frozen is None else {"position": result.frozen},
            "published": _published(result),
            "columns": columns,
            "rows": rows,
            "figures": list(result.made.figures()),
        }
    )


def _published(result: Result) -> dict[str, Any] | None:
    """The last publication that stands. `current`: what stands in this table is what was published."""
    board = result.published
    if board is None:
        return None
    about = {"position": board.position, "at": text_of_us(board.act.at_us), "official": board.act.official, "digest": board.digest}
    return {**about, "current": board.digest == result.digest}


def _columns(result: Result, rows: Sequence[Row]) -> dict[str, Text]:
    """Every column with its heading, by where its value stands in a row."""
    columns: dict[str, Text] = {
        key: heading for key, heading in HEADINGS.items() if key not in OF_SOME or any(row[key] is not None for row in rows)
    }
    columns |= {f"stages/{each.id}": _name(each.name, each.id) for each in result.definition.stages}
    titles = result.made.titles()
    return columns | {f"conversions/{number}": titles[number] for number in result.made.of_contestants()}


# ---- as CSV ----------------------------------------------------------------------------------------------------------------------


def _contestants_table(result: Result) -> Iterator[Sequence[str]]:
    rows = _rows(result)
    columns = _columns(result, rows)
    venues = {each.id: _name(each.name, each.id) for each in result.definition.venues}
    yield [_told(heading) for heading in columns.values()]
    for row in rows:
        yield [_cell(key, row, venues) for key in columns]


def _figures_table(result: Result) -> Iterator[Sequence[str]]:
    yield [_told(heading) for heading in FIGURES.values()]
    for each in result.made.figures():
        yield [_told(each["title"]), each["who"] or "", each["value"] or "", _told(Said("{told:;}", told=each["told"]))]


def _cell(key: str, row: Row, venues: Mapping[str, Text]) -> str:
    """A column's value in this row, in words."""
    part, _, name = key.partition("/")
    value = row[part][name] if name else row[part]
    if value is None:
        return ""
    match part:
        case "venue":
            return _told(venues.get(value, value))
        case "time_ms":
            return clock_text(value)
        case "status":
            return _told(Coded("status", value))
        case "medal":
            return _told(MEDALS[value])
        case "conversions":
            return str(value["value"])
        case _:
            return _told(Named(value["zh"], value["en"]) if isinstance(value, dict) else str(value))


def _name(name: Any, instead: str) -> Text:
    """A name of the definition."""
    return instead if name is None else Named(name.zh, name.en)


def _told(text: Text) -> str:
    """In the language of the answer; where it is both, one beside the other unless they are the same."""
    found = told(text)
    return found if isinstance(found, str) else " / ".join(dict.fromkeys(found[each] for each in ("zh", "en")))
