"""Tables of contestants, over HTTP: looked at cell by cell, and answered with every fault at its place. Nothing is stored."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Query as InQuery
from pydantic import BaseModel, ConfigDict, Field

from contest_server.builder.templates import template
from contest_server.builder.words import fault_document
from contest_server.core.definition import VENUES_MAX, Text
from contest_server.core.rulebook import Judges
from contest_server.core.saying import Said
from contest_server.intake.contestants_table import CellFault, Found, Venue, read_table
from contest_server.intake.sheets import (
    COLUMNS_MAX,
    FILE_MAX_BYTES,
    ROWS_MAX,
    Cells,
    TableRefused,
    cells_of_grid,
    cells_of_pasted,
    cells_of_text,
)
from contest_server.intake.workbook import cells_of_workbook, is_workbook
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.reading import Document, as_json, docs_of, order_of
from contest_server.web.rights import needs

router = APIRouter(prefix="/api/builder/contestants", tags=["building"])

BASE64_MAX_CHARS = 4 * (FILE_MAX_BYTES // 3 + 1)
FAULTS_TOLD_MAX = 2_000
TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}


class VenueNames(BaseModel):
    """A venue of the draft; what else it has is not looked at."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(max_length=64)
    name: Text | str | None = None


class TableOrder(BaseModel):
    """A table, as one of: a file (`content` in base64), `text` that was pasted, or a `table` that was read before and mended."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", max_length=200)
    content: str | None = None
    text: str | None = Field(default=None, max_length=FILE_MAX_BYTES)
    table: list[Annotated[list[Annotated[str, Field(max_length=4_000)]], Field(max_length=COLUMNS_MAX + 1)]] | None = Field(
        default=None, max_length=ROWS_MAX + 1
    )
    venues: list[VenueNames] = Field(default=[], max_length=VENUES_MAX)


@router.post("", response_model=Document, dependencies=[needs("build")], openapi_extra=docs_of(TableOrder))
async def contestants(request: Request, house: Annotated[House, Depends(house_of)]) -> Response:
    """Who stands in a table, what each column was taken for, and every fault with its line and column."""
    return Response(await house.aside.read(_read, await request.body()), media_type="application/json")


def _read(raw: bytes, _: Judges) -> bytes:
    """Raises ApiError."""
    return as_json(_document(table_of(order_of(raw, TableOrder))))


@router.get("/template", dependencies=[needs("build")], response_class=Response)
async def begin_with(language: Literal["zh", "en"] = "zh", kind: Annotated[Literal["xlsx", "csv"], InQuery()] = "xlsx") -> Response:
    """A table to begin with: the headings that are understood, and a row as an example."""
    name = f"contestants-{language}.{kind}"
    return Response(template(language, kind), media_type=TYPES[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'})


def table_of(order: TableOrder) -> Found:
    """What stands in the table. Raises ApiError."""
    try:
        return read_table(_cells(order), [_venue(each) for each in order.venues])
    except TableRefused as refused:
        fault = refused.fault
        raise ApiError(400, "bad_table", fault.sentence, faults=[fault_document(fault)]) from None


def _cells(order: TableOrder) -> Cells:
    """Raises TableRefused, ApiError."""
    if order.table is not None:
        return cells_of_grid(order.table)
    if order.text is not None:
        return cells_of_pasted(order.text)
    if order.content is None:
        raise ApiError(400, "bad_request", Said("send one of content, text and table"))
    if len(order.content) > BASE64_MAX_CHARS:
        raise TableRefused("too_large", Said("larger than {most} MB; keep only the list", most=FILE_MAX_BYTES // 1_000_000))
    try:
        raw = base64.b64decode(order.content, validate=True)
    except (binascii.Error, ValueError):
        raise ApiError(400, "bad_request", Said("content is not base64")) from None
    return cells_of_workbook(raw) if is_workbook(raw) else cells_of_text(raw)


def _venue(told: VenueNames) -> Venue:
    if told.name is None:
        return Venue(told.id)
    return Venue(told.id, [told.name] if isinstance(told.name, str) else [told.name.zh, told.name.en])


def _document(found: Found) -> Document:
    return {
        "table": found.table,
        "columns": [
            {"index": index, "heading": found.table[0][index] if index < len(found.table[0]) else "", "fills": fills}
            for index, fills in enumerate(found.fills)
        ],
        "missing": found.missing,
        "contestants": [contestant for _, contestant in found.contestants],
        "lines": [line for line, _ in found.contestants],
        "rows": found.rows,
        "faults": [_fault(each) for each in found.faults[:FAULTS_TOLD_MAX]],
        "faults_all": len(found.faults),
        "warnings": [_fault(each) for each in found.warnings[:FAULTS_TOLD_MAX]],
    }


def _fault(fault: CellFault) -> Document:
    return {
        "line": fault.line,
        "column": fault.column,
        "fills": fault.fills,
        "value": fault.value,
        "code": fault.code,
        "message": {"zh": fault.zh, "en": fault.en},
    }
