"""A table of contestants to begin with, as XLSX or CSV. The workbook is the least that spreadsheets open: one sheet, texts in the cells."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Literal
from xml.sax.saxutils import escape

Language = Literal["zh", "en"]
ROWS: Mapping[Language, Sequence[Sequence[str]]] = {
    "zh": (
        ("编号", "姓名", "英文名", "赛区", "单位", "工种", "号码", "状态"),
        ("A001", "张三", "Zhang San", "赛区一", "示例公司", "电工", "001", "正常"),
    ),
    "en": (
        ("id", "name", "venue", "employer", "trade", "number", "status"),
        ("A001", "Sam Example", "Venue one", "Example Ltd", "electrician", "001", "ok"),
    ),
}
_FIXED_TIME = (2026, 1, 1, 0, 0, 0)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS: Mapping[str, str] = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    "</Types>",
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="contestants" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def template(language: Language, kind: Literal["xlsx", "csv"]) -> bytes:
    """The file. CSV carries a mark, so that spreadsheets read it as UTF-8."""
    rows = ROWS[language]
    if kind == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        return text.getvalue().encode("utf-8-sig")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in (*_PARTS.items(), ("xl/worksheets/sheet1.xml", _sheet(rows))):
            archive.writestr(zipfile.ZipInfo(name, _FIXED_TIME), _DECLARATION + xml)
    return packed.getvalue()


def _sheet(rows: Sequence[Sequence[str]]) -> str:
    lines = "".join(f'<row r="{number}">{_cells(number, row)}</row>' for number, row in enumerate(rows, start=1))
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'


def _cells(number: int, row: Sequence[str]) -> str:
    return "".join(f'<c r="{"ABCDEFGHIJ"[at]}{number}" t="inlineStr"><is><t>{escape(text)}</t></is></c>' for at, text in enumerate(row))
