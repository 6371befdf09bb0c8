"""Workbooks as people and attackers make them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from contest_server.builder.templates import template

SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def workbook(rows: Sequence[Sequence[Any]], **options: Any) -> bytes:
    """As a spreadsheet saves it; text that begins with = is a formula."""
    raw = io.BytesIO()
    with xlsxwriter.Workbook(raw, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return raw.getvalue()


def with_parts(changes: Mapping[str, bytes]) -> bytes:
    """A small good workbook, with some of its parts replaced or added."""
    raw = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(template("en", "xlsx"))) as good, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as made:
        parts = {name: good.read(name) for name in good.namelist()} | dict(changes)
        for name, content in parts.items():
            made.writestr(name, content)
    return raw.getvalue()


def with_cells(cells: str) -> bytes:
    """A workbook whose sheet holds this XML."""
    return with_parts({SHEET: f"<worksheet {MAIN}><sheetData>{cells}</sheetData></worksheet>".encode()})


def cell(place: str, text: str, *, formula: str = "", kind: str = "inlineStr") -> str:
    if kind == "inlineStr":
        return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'
    return f'<c r="{place}" t="{kind}"><f>{formula}</f><v>{text}</v></c>'
