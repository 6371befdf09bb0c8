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

FILE_MAX_BYTES = 4_000_000
ROWS_MAX = 20_001
"""With the row that names the columns."""
COLUMNS_MAX = 64
CELL_MAX_CHARS = 2_000


class TableRefused(Exception):
    """The file as a whole is not read. `code` is a stable word; `zh` and `en` say what to do."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en

    @property
    def fault(self) -> Fault:
        return Fault("table", self.en)


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
    most = ROWS_MAX - 1
    return TableRefused("too_many_rows", f"超过 {most} 行;请拆分表格", f"more than {most} rows; split the table")


def too_many_columns() -> TableRefused:
    return TableRefused(
        "too_many_columns", f"超过 {COLUMNS_MAX} 列;请删去无关的列", f"more than {COLUMNS_MAX} columns; delete those that are not needed"
    )


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
        raise TableRefused("not_text", f"不是 CSV 表格({error})", f"is not CSV: {error}") from None
    return found


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
    return TableRefused(
        "not_text",
        "既不是 Excel 工作簿,也不是 UTF-8 或 GB18030 文本;请另存为 .xlsx 或 CSV",
        "is neither a workbook nor UTF-8 or GB18030 text; save it as .xlsx or CSV",
    )
