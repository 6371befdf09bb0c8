"""The first sheet of an XLSX workbook as cells. Refuses what unpacks to more than a list of people, and what has a document type."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from contest_server.core.saying import Said
from contest_server.intake.file_words import workbook_fault
from contest_server.intake.sheets import (
    CELL_MAX_CHARS,
    COLUMNS_MAX,
    FILE_MAX_BYTES,
    ROWS_MAX,
    Cells,
    TableRefused,
    too_many_columns,
    too_many_rows,
)

UNPACKED_MAX_BYTES = 40_000_000
MEMBERS_MAX = 1_000
TEXTS_MAX = 1_000_000
CHUNK_BYTES = 1 << 16
_OLE = b"\xd0\xcf\x11\xe0"
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml")


def is_workbook(raw: bytes) -> bool:
    """Whether it claims to be a workbook of any kind."""
    return raw.startswith((b"PK", _OLE))


def cells_of_workbook(raw: bytes) -> Cells:
    """The cells of the first sheet. A formula's cell has the value that the spreadsheet kept. Raises TableRefused."""
    if len(raw) > FILE_MAX_BYTES:
        raise TableRefused("too_large", Said("larger than {most} bytes", most=FILE_MAX_BYTES))
    if raw.startswith(_OLE):
        raise _encrypted() if "EncryptedPackage".encode("utf-16-le") in raw else _old_format()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = _unpacked(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error, ValueError) as error:
        raise _not_a_workbook(error) from None
    if "mimetype" in parts and b"opendocument" in parts["mimetype"]:
        raise _old_format()
    try:
        texts = _texts(parts["xl/sharedStrings.xml"]) if "xl/sharedStrings.xml" in parts else []
        return _sheet(parts[_first_sheet(parts)], texts)
    except (expat.ExpatError, KeyError, IndexError, ValueError) as error:
        raise _not_a_workbook(error) from None


def _unpacked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """The parts that matter, unpacked; what is claimed of their sizes is not believed."""
    members = archive.infolist()
    if len(members) > MEMBERS_MAX or sum(each.file_size for each in members) > UNPACKED_MAX_BYTES:
        raise _packed_too_tight()
    if any(each.flag_bits & 1 for each in members):
        raise _encrypted()
    parts: dict[str, bytes] = {}
    left_bytes = UNPACKED_MAX_BYTES
    for member in members:
        name = member.filename
        if name in parts or not (_SHEETS.fullmatch(name) or name in _WANTED):
            continue
        parts[name] = _read(archive, member, left_bytes)
        left_bytes -= len(parts[name])
    return parts


_WANTED = {"mimetype", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"}


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most_bytes: int) -> bytes:
    found = bytearray()
    with archive.open(member) as packed:
        while chunk := packed.read(CHUNK_BYTES):
            found += chunk
            if len(found) > most_bytes:
                raise _packed_too_tight()
    return bytes(found)


def _first_sheet(parts: dict[str, bytes]) -> str:
    """The path of the sheet that stands first in the workbook; Excel may keep it under any name."""
    ids: list[str] = []
    targets: dict[str, str] = {}

    def sheet(name: str, given: dict[str, str]) -> None:
        if _local(name) == "sheet":
            ids.append(next((value for key, value in given.items() if _local(key) == "id"), ""))

    def relation(name: str, given: dict[str, str]) -> None:
        if _local(name) == "Relationship":
            targets[given.get("Id", "")] = given.get("Target", "")

    _parse(parts["xl/workbook.xml"], sheet)
    _parse(parts["xl/_rels/workbook.xml.rels"], relation)
    target = targets[ids[0]]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _parse(xml: bytes, start: Callable[[str, dict[str, str]], None], end: Any = None, data: Any = None) -> None:
    """Raises expat.ExpatError, TableRefused."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    if data is not None:
        parser.CharacterDataHandler = data
    parser.Parse(xml, True)


def _no_doctype(*_: object) -> None:
    raise _not_a_workbook(ValueError(Said("a document type is declared")))


def _local(name: str) -> str:
    return name.rpartition(":")[2]


# ---- the texts that cells share --------------------------------------------------------------------------------------------------


def _texts(xml: bytes) -> list[str]:
    """Each shared text; how it sounds (rPh) is left out."""
    found: list[str] = []
    parts: list[str] = []
    inside: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        inside.append(_local(name))
        if inside[-1] == "si":
            parts.clear()

    def end(_: str) -> None:
        if inside.pop() == "si":
            found.append("".join(parts)[:CELL_MAX_CHARS])
            if len(found) > TEXTS_MAX:
                raise _packed_too_tight()

    def data(text: str) -> None:
        if inside[-1] == "t" and "rPh" not in inside:
            parts.append(text)

    _parse(xml, start, end, data)
    return found


# ---- the cells -------------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reader:
    """Reads a sheet from its first element to its last."""

    texts: list[str]
    cells: Cells = field(default_factory=Cells)
    row: int = -1
    column: int = -1
    kind: str = "n"
    value: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    is_formula: bool = False

    def start(self, name: str, given: dict[str, str]) -> None:
        self.inside.append(_local(name))
        match self.inside[-1]:
            case "row":
                self.row, self.column = int(given["r"]) - 1 if "r" in given else self.row + 1, -1
            case "c":
                self.column = _column(given["r"]) if "r" in given else self.column + 1
                self.kind, self.is_formula = given.get("t", "n"), False
                self.value.clear()
            case "f":
                self.is_formula = True

    def data(self, text: str) -> None:
        if self.inside[-1] == "v" or (self.inside[-1] == "t" and "rPh" not in self.inside):
            self.value.append(text)

    def end(self, _: str) -> None:
        if self.inside.pop() == "c":
            self._close()

    def _close(self) -> None:
        text = self._text("".join(self.value))
        if not text.strip() and not self.is_formula:
            return
        if self.row >= ROWS_MAX:
            raise too_many_rows()
        if self.row < 0:
            raise ValueError(Said("rows count from 1"))
        if self.column >= COLUMNS_MAX:
            raise too_many_columns()
        self.cells.put(self.row, self.column, text)
        place = (self.row, self.column)
        if self.is_formula:
            self.cells.formulas.add(place)
        if self.kind == "e":
            self.cells.errors.add(place)

    def _text(self, raw: str) -> str:
        if self.kind == "s":
            return self.texts[int(raw)] if raw else ""
        if self.kind == "b":
            return "true" if raw == "1" else "false"
        return _number(raw) if self.kind == "n" else raw


def _sheet(xml: bytes, texts: list[str]) -> Cells:
    reader = _Reader(texts)
    _parse(xml, reader.start, reader.end, reader.data)
    return reader.cells


def _column(place: str) -> int:
    """ "C7" is in column 2, from 0. Raises ValueError."""
    match = _CELL.fullmatch(place)
    if match is None:
        raise ValueError(Said("no cell is called {place!r}", place=place[:20]))
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _number(raw: str) -> str:
    """As people see it: spreadsheets keep 17 as 17.0, or as 1.7E1."""
    try:
        value = float(raw)
    except ValueError:
        return raw
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else raw


# ---- refusals --------------------------------------------------------------------------------------------------------------------


def _not_a_workbook(error: Exception) -> TableRefused:
    unreadable = Said("is not a readable workbook ({reason}); open it and save it as .xlsx", reason=workbook_fault(error))
    return TableRefused("not_a_workbook", unreadable)


def _packed_too_tight() -> TableRefused:
    most = UNPACKED_MAX_BYTES // 1_000_000
    tight = Said("unpacks to more than {most} MB, which no list of contestants does; keep only the sheet with the list", most=most)
    return TableRefused("packed_too_tight", tight)


def _encrypted() -> TableRefused:
    return TableRefused("encrypted", Said("has a password; save it without one"))


def _old_format() -> TableRefused:
    return TableRefused("old_format", Said("is of another format (.xls or .ods); save it as .xlsx or CSV"))
