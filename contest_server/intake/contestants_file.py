"""Contestants from a table that people keep: CSV (UTF-8 or GB18030) or XLSX. The first row names the columns, in English or Chinese."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from contest_server.core.definition import CONTESTANTS_MAX
from contest_server.core.faults import DefinitionError, Fault
from contest_server.core.saying import Said, Text
from contest_server.intake.file_words import system_fault, workbook_fault
from contest_server.intake.sheets import not_csv

FILE_MAX_BYTES = 16_000_000

COLUMNS = {
    "id": "id",
    "编号": "id",
    "选手编号": "id",
    "name": "name",
    "姓名": "name",
    "name_zh": "name.zh",
    "中文名": "name.zh",
    "name_en": "name.en",
    "英文名": "name.en",
    "venue": "venue",
    "赛区": "venue",
    "赛点": "venue",
    "employer": "employer",
    "单位": "employer",
    "代表队": "employer",
    "employer_en": "employer.en",
    "employer_zh": "employer.zh",
    "trade": "trade",
    "工种": "trade",
    "trade_en": "trade.en",
    "trade_zh": "trade.zh",
    "number": "number",
    "号码": "number",
    "参赛号": "number",
    "status": "status",
    "状态": "status",
    "team": "team",
    "队伍": "team",
    "photo": "photo",
    "照片": "photo",
}
"""Column headings that are understood, and what they fill."""
IN_BOTH_LANGUAGES = ("name", "employer", "trade")
STATUS: Mapping[str, str] = {"ok": "ok", "guest": "guest", "正常": "ok", "参赛": "ok", "表演": "guest", "表演赛": "guest", "嘉宾": "guest"}
"""What may stand in the column of the status, and what it means."""


def read_contestants(path: Path) -> list[dict[str, Any]]:
    """The contestants of `read_rows`, without the numbers of their rows."""
    return [contestant for _, contestant in read_rows(path)]


def read_rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The rows of the file, by number, as contestants of a definition document.

    Raises:
        DefinitionError: naming the file, the row and the column.
    """
    try:
        if path.stat().st_size > FILE_MAX_BYTES:
            raise DefinitionError([Fault(path.name, Said("larger than {most} bytes", most=FILE_MAX_BYTES))])
        rows = _xlsx_rows(path) if path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".ods") else _csv_rows(path)
    except OSError as error:
        raise DefinitionError([Fault("contest.contestants_file", _unreadable(path, error))]) from None
    return _contestants(path.name, rows)


def _unreadable(path: Path, error: OSError) -> Said:
    if isinstance(error, FileNotFoundError):
        return Said("{file}: No such file or directory", file=path.name)
    return Said("{file}: cannot be read: {reason}", file=path.name, reason=system_fault(error))


def _csv_rows(path: Path) -> list[list[str]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError:
            raise DefinitionError([Fault(path.name, Said("is neither UTF-8 nor GB18030 text"))]) from None
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise DefinitionError([Fault(path.name, not_csv(error))]) from None


def _xlsx_rows(path: Path) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        return [[_cell(value) for value in row] for row in sheet.to_python()]
    except (CalamineError, IndexError) as error:
        raise DefinitionError([Fault(path.name, Said("is not a readable workbook: {reason}", reason=workbook_fault(error)))]) from None


def _cell(value: Any) -> str:
    """A number that is whole is written without a point: spreadsheets keep 17 as 17.0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _contestants(name: str, rows: Sequence[Sequence[str]]) -> list[tuple[int, dict[str, Any]]]:
    if not rows:
        empty = Said("is empty; the first row names the columns: id, name, venue, employer, trade, number, status")
        raise DefinitionError([Fault(name, empty)])
    headings = [heading.strip().lower() for heading in rows[0]]
    faults = list(_heading_faults(name, headings))
    if faults:
        raise DefinitionError(faults)
    if len(rows) - 1 > CONTESTANTS_MAX:
        raise DefinitionError([Fault(name, Said("{count} contestants, at most {most}", count=len(rows) - 1, most=CONTESTANTS_MAX))])
    found = []
    row_of: dict[object, int] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(headings):
            raise _bad_row(name, number, Said("{cells} cells, but {columns} columns are named", cells=len(row), columns=len(headings)))
        contestant = _contestant(headings, row)
        if not contestant.get("id"):
            raise _bad_row(name, number, Said("the id is empty"))
        first = row_of.setdefault(contestant["id"], number)
        if first != number:
            raise _bad_row(name, number, Said("the id {id!r} is used already in row {row}", id=contestant["id"], row=first))
        found.append((number, contestant))
    return found


def _bad_row(name: str, number: int, message: Text) -> DefinitionError:
    return DefinitionError([Fault(f"{name} row {number}", message)])


def _heading_faults(name: str, headings: Sequence[str]) -> Iterable[Fault]:
    known = ", ".join(sorted({column for column in COLUMNS if column.isascii()}))
    for column, heading in enumerate(headings, start=1):
        if heading not in COLUMNS:
            unknown = Said("unknown heading {heading!r}; expected one of {known}, or their Chinese names", heading=heading, known=known)
            yield Fault(f"{name} column {column}", unknown)
    for column, heading in enumerate(headings, start=1):
        first = [COLUMNS.get(each) for each in headings].index(COLUMNS.get(heading)) + 1
        if heading in COLUMNS and first != column:
            twice = Said("{heading!r} says the same as column {first}; one of them has to go", heading=heading, first=first)
            yield Fault(f"{name} column {column}", twice)
    if "id" not in {COLUMNS.get(heading) for heading in headings}:
        yield Fault(f"{name} row 1", Said("no column is called id (编号)"))


def _contestant(headings: Sequence[str], row: Sequence[str]) -> dict[str, Any]:
    cells = {COLUMNS[heading]: cell.strip() for heading, cell in zip(headings, row, strict=False)}
    return contestant_of({fills: text for fills, text in cells.items() if text})


def contestant_of(cells: Mapping[str, str]) -> dict[str, Any]:
    """A contestant of a definition document out of what fills it ("id", "name", "name.en", …). An unknown status stays as it is."""
    contestant: dict[str, Any] = {}
    texts: dict[str, dict[str, str]] = {}
    for fills, text in cells.items():
        field, _, language = fills.partition(".")
        if field in IN_BOTH_LANGUAGES:
            texts[field] = texts.get(field, {}) | {language: text}
        else:
            contestant[field] = STATUS.get(text.lower(), text) if field == "status" else text
    return contestant | {field: _text(found) for field, found in texts.items()}


def _text(found: dict[str, str]) -> str | dict[str, str]:
    """What one column says for both languages holds where no column of the language says anything."""
    if "" not in found:
        return found
    return {"zh": found.get("zh", found[""]), "en": found.get("en", found[""])} if len(found) > 1 else found[""]
