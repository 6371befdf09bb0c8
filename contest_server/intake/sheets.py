"""The cells of a table as text, out of XLSX, CSV or what was pasted from a spreadsheet. Refuses by name what would unpack to too much.

Workbooks are read here, and not by a library, for two reasons: which cells are formulas has to be known, and a sheet whose only cell lies
in its last corner must cost nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from contest_server.core.faults import Fault
from contest_server.core.rereading import others_words
from contest_server.core.saying import Said

FILE_MAX_BYTES = 4_000_000
ROWS_MAX = 20_001
"""With the row that names the columns."""
COLUMNS_MAX = 64
CELL_MAX_CHARS = 2_000


class TableRefused(Exception):
    """The file as a whole is not read. `code` is a stable word; `fault` says what to do."""

    def __init__(self, code: str, sentence: Said) -> None:
        super().__init__(sentence)
        self.code, self.fault = code, Fault("table", sentence, code)


@dataclass(slots=True)
class Cells:
    """A table as text, row by row. `formulas` and `errors` are places (row, column, from 0) of what is no plain value."""

    rows: list[list[str]] = field(default_factory=list)
    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)

    def put(self, row: int, column: int, text: str) -> None:
        """Write a cell. Raises TableRefused beyond the limits."""
        if row >= ROWS_MAX:
            raise too_many_rows()
        if column >= COLUMNS_MAX:
            raise too_many_columns()
        while len(self.rows) <= row:
            self.rows.append([])
        cells = self.rows[row]
        cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = text[:CELL_MAX_CHARS]


def too_many_rows() -> TableRefused:
    return TableRefused("too_many_rows", Said("more than {most} rows; split the table", most=ROWS_MAX - 1))


def too_many_columns() -> TableRefused:
    return TableRefused("too_many_columns", Said("more than {most} columns; delete those that are not needed", most=COLUMNS_MAX))


def cells_of_text(raw: bytes) -> Cells:
    """CSV, with commas, semicolons or tabs, in UTF-8, UTF-16 with its mark, or GB18030. Raises TableRefused."""
    return cells_of_pasted(_decoded(raw))


def cells_of_pasted(text: str) -> Cells:
    """What was copied out of a spreadsheet, or CSV. Raises TableRefused."""
    if "\0" in text:
        raise not_text()
    head = text.partition("\n")[0]
    delimiter = max("\t;,", key=head.count) if any(each in head for each in "\t;,") else ","
    found = Cells()
    try:
        for row, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter)):
            _put_row(found, row, cells)
    except csv.Error as error:
        raise TableRefused("not_text", not_csv(error)) from None
    return found


def not_csv(error: csv.Error) -> Said:
    """What Python's reader of CSV says, as far as it is known what it means."""
    reason = str(error)
    if reason == "unexpected end of data":
        return Said("is not CSV: unexpected end of data; a quotation mark is not closed")
    if reason.startswith("field larger than field limit"):
        return Said("is not CSV: a cell is longer than {most} characters; is a quotation mark not closed?", most=csv.field_size_limit())
    return Said("is not CSV: {reason}", reason=others_words(reason))


def cells_of_grid(grid: Sequence[Sequence[str]]) -> Cells:
    """A table that was read before, and mended. Raises TableRefused."""
    found = Cells()
    for row, cells in enumerate(grid):
        _put_row(found, row, cells)
    return found


def _put_row(found: Cells, row: int, cells: Iterable[str]) -> None:
    if row >= ROWS_MAX:
        raise too_many_rows()
    found.rows.append([])
    for column, text in enumerate(cells):
        found.put(row, column, text)


def _decoded(raw: bytes) -> str:
    encodings = ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise not_text()


def not_text() -> TableRefused:
    return TableRefused("not_text", Said("is neither a workbook nor UTF-8 or GB18030 text; save it as .xlsx or CSV"))
