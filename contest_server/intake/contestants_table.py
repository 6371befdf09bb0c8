"""A table of contestants looked at cell by cell: what each column fills, who stands in it, and every fault at its place. Stores nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contest_server.core.definition import CONTESTANTS_MAX
from contest_server.core.saying import Said
from contest_server.intake.contestants_file import COLUMNS, STATUS, contestant_of
from contest_server.intake.sheets import Cells, TableRefused

ID = re.compile(r"[\w.:\-]{1,64}")
TEXT_MAX_CHARS = 400
NUMBER_MAX_CHARS = 32
ALSO: Mapping[str, str] = {
    "bib": "number", "no": "number", "no.": "number", "号码布": "number", "参赛证号": "number", "胸牌号": "number", "选手姓名": "name",
    "姓名(中文)": "name.zh", "姓名(英文)": "name.en", "城市": "venue", "赛场": "venue", "所属赛区": "venue", "city": "venue",
    "company": "employer", "参赛队": "team", "organisation": "employer", "organization": "employer", "工作单位": "employer",
    "所在单位": "employer", "单位名称": "employer", "参赛单位": "employer", "职业": "trade", "岗位": "trade", "occupation": "trade",
    "contestant": "name", "full name": "name", "participant id": "id", "contestant id": "id",
}  # fmt: skip
"""Headings that people also use, besides those of `contestants_file.COLUMNS`."""
USUAL = ("id", "name", "venue", "employer", "trade", "number")
"""What a list of contestants usually has."""
SHOWN_MAX_CHARS = 80


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with a cell. `line` counts from 1, the row of the headings; `column` from 0, None for the whole row."""

    line: int
    column: int | None
    fills: str | None
    value: str
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Venue:
    """A venue by its id, and the names that it goes by."""

    id: str
    names: Sequence[str] = ()


@dataclass(slots=True)
class Found:
    """What was made out of a table. `contestants` are those whose rows have no fault, each with its line."""

    table: list[list[str]]
    fills: list[str | None] = field(default_factory=list)
    contestants: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)
    warnings: list[CellFault] = field(default_factory=list)
    rows: int = 0

    @property
    def missing(self) -> list[str]:
        """What no column has."""
        has = {fills.partition(".")[0] for fills in self.fills if fills}
        return [each for each in USUAL if each not in has]


def read_table(cells: Cells, venues: Sequence[Venue] = ()) -> Found:
    """Who stands in this table; without venues, none is checked against them. Raises TableRefused where it is empty or too long."""
    headings = cells.rows[0] if cells.rows else []
    if not any(each.strip() for each in headings):
        raise TableRefused("empty", Said("is empty; the first row names the columns: id, name, venue, employer, trade, number, status"))
    found = Found(cells.rows)
    found.fills = list(_columns(headings, found))
    if "id" not in found.fills and "number" in found.fills:
        _ids_from_numbers(found)
    if "id" not in found.fills:
        found.faults.append(CellFault(1, None, "id", "", "no_id_heading", "没有“编号”列", "no column is called id (编号)"))
        return found
    _read_rows(cells, found, _Venues(venues))
    return found


def _columns(headings: Sequence[str], found: Found) -> Iterator[str | None]:
    """What each column fills; a heading that says the same as one before it is a fault, one that nobody knows a warning."""
    first: dict[str, int] = {}
    for column, heading in enumerate(headings):
        fills = _fills(heading)
        if fills is None and heading.strip():
            zh, en = (
                f"不认识列名“{heading[:SHOWN_MAX_CHARS]}”，该列不读取",
                f"no field is called {heading[:SHOWN_MAX_CHARS]!r}; the column is left out",
            )
            found.warnings.append(CellFault(1, column, None, heading, "unknown_heading", zh, en))
        if fills is not None and first.setdefault(fills, column) != column:
            zh, en = (
                f"与第 {first[fills] + 1} 列含义相同，请删去其中一列",
                f"says the same as column {first[fills] + 1}; one of them has to go",
            )
            found.faults.append(CellFault(1, column, fills, heading, "twice_heading", zh, en))
            fills = None
        yield fills


def _fills(heading: str) -> str | None:
    name = " ".join(unicodedata.normalize("NFKC", heading).replace("*", "").split()).lower()
    return COLUMNS.get(name) or ALSO.get(name) or COLUMNS.get(name.replace(" ", "_"))


def _ids_from_numbers(found: Found) -> None:
    column = found.fills.index("number")
    found.fills[column] = "id"
    heading = found.table[0][column]
    zh, en = f"没有“编号”列，用“{heading}”作编号", f"no column is called id; {heading!r} is taken as the id"
    found.warnings.append(CellFault(1, column, "id", heading, "id_from_number", zh, en))


# ---- rows ------------------------------------------------------------------------------------------------------------------------


class _Venues:
    """Venues by id and by every name of theirs, whatever the case and the blanks."""

    def __init__(self, venues: Sequence[Venue]) -> None:
        self.known = {_plain(name): venue.id for venue in venues for name in (*venue.names, venue.id)}
        self.listed = ", ".join([venue.names[0] if venue.names else venue.id for venue in venues][:8])

    def find(self, text: str) -> str | None:
        """The id; what is written, where there are no venues to compare with."""
        return self.known.get(_plain(text)) if self.known else text


def _plain(text: str) -> str:
    return "".join(text.split()).casefold().removesuffix("赛区").removesuffix("赛点")


def _read_rows(cells: Cells, found: Found, venues: _Venues) -> None:
    lines: dict[str, dict[str, int]] = {"id": {}, "number": {}}
    for index, row in enumerate(cells.rows[1:], start=1):
        if not any(cell.strip() for cell in row):
            continue
        found.rows += 1
        if found.rows > CONTESTANTS_MAX:
            raise TableRefused("too_many_rows", Said("more than {most} contestants", most=CONTESTANTS_MAX))
        before = len(found.faults)
        read = dict(_row(cells, index, found, venues, lines))
        if len(found.faults) == before:
            found.contestants.append((index + 1, contestant_of(read)))


def _row(cells: Cells, index: int, found: Found, venues: _Venues, lines: dict[str, dict[str, int]]) -> Iterator[tuple[str, str]]:
    """Every field of the row that is good, as what it fills and its text; faults go into `found`."""
    row = cells.rows[index]
    for column, text in enumerate(row[len(found.fills) :], start=len(found.fills)):
        if text.strip():
            zh, en = "这一格所在的列没有列名", "stands in a column without a heading"
            found.faults.append(CellFault(index + 1, column, None, text, "too_many_cells", zh, en))
    for column, fills in enumerate(found.fills):
        if fills is None:
            continue
        text = row[column].strip() if column < len(row) else ""
        fault = _place_fault(cells, index, column) or _fault(fills, text, venues)
        if fault is None and text and fills in lines:
            fault = _twice(fills, text, lines[fills], index + 1, found)
        if fault is not None:
            found.faults.append(CellFault(index + 1, column, fills, text[:SHOWN_MAX_CHARS], *fault))
        elif text:
            yield fills, (venues.find(text) or text) if fills == "venue" else text


Worded = tuple[str, str, str]
"""Code, Chinese and English sentence."""


def _place_fault(cells: Cells, index: int, column: int) -> Worded | None:
    if (index, column) in cells.errors:
        return "error_cell", "这一格是公式错误", "holds a spreadsheet error"
    if (index, column) in cells.formulas:
        return "formula", "这一格是公式；请粘贴为数值", "is a formula; paste it as a value"
    return None


def _fault(fills: str, text: str, venues: _Venues) -> Worded | None:
    """What is wrong with a text as this field."""
    if not text:
        empty: dict[str, Worded] = {
            "id": ("no_id", "缺少编号", "the id is empty"),
            "name": ("no_name", "缺少姓名", "the name is empty"),
            "venue": ("no_venue", "缺少赛区", "the venue is empty"),
        }
        return empty.get(fills)
    most = NUMBER_MAX_CHARS if fills == "number" else 64 if fills in ("id", "team") else TEXT_MAX_CHARS
    if len(text) > most:
        return "too_long", f"超过 {most} 个字", f"longer than {most} characters"
    if fills in ("id", "team") and not ID.fullmatch(text):
        return "bad_id", "只能用字母、数字、_ - . :，不能有空格", "has letters, digits, '_', '-', '.' or ':' only, and no blanks"
    if fills == "status" and text.lower() not in STATUS:
        return "bad_status", "状态只能是 ok（正常）或 guest（表演）", "a status is ok or guest"
    if fills == "venue" and venues.find(text) is None:
        return "unknown_venue", f"没有这个赛区；已有：{venues.listed}", f"no venue is called so; there are {venues.listed}"
    return None


def _twice(fills: str, text: str, lines: dict[str, int], line: int, found: Found) -> Worded | None:
    first = lines.setdefault(text, line)
    if first == line:
        return None
    if fills == "number":
        zh, en = f"号码 {text} 与第 {first} 行相同", f"the number {text} stands in line {first}, too"
        found.warnings.append(CellFault(line, found.fills.index("number"), fills, text, "same_number", zh, en))
        return None
    return "duplicate_id", f"编号与第 {first} 行重复", f"the id stands in line {first} already"
