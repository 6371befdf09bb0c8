"""Tables as files that spreadsheets open as they are meant: Chinese as Chinese, lengths of time as such, and no cell a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

CSV = "text/csv"
FORMULAS = "=+-@\t\r\n＝＋－＠"
"""A cell that begins with one of these may be taken for a formula by a spreadsheet."""
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
ANOTHER_CELL = re.compile(rf"""([;|\t\r\n][\s"']*)(?=[{re.escape(FORMULAS)}])""")
"""Where a spreadsheet of another country, whose files have semicolons between their cells, begins one more, with a formula."""


def csv_of(table: Iterable[Sequence[str]]) -> bytes:
    """The file, with a mark so that spreadsheets read it as UTF-8; nothing in it is a formula."""
    text = io.StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in line] for line in table)
    return text.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would reckon, also where it takes the rest of it for another cell. Numbers stay
    numbers.
    """
    if NUMBER.fullmatch(cell):
        return cell
    text = ANOTHER_CELL.sub(r"\1'", cell)
    return f"'{text}" if text.startswith(tuple(FORMULAS)) else text


def clock_text(time_ms: int) -> str:
    """A length of time as spreadsheets read it: "1:02:03", with three places where it is no whole second."""
    seconds, ms = divmod(time_ms, 1000)
    text = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{ms:03}" if ms else text
