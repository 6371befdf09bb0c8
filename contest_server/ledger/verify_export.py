"""Verifies an export, line by line. Refuses lines that this program would have written in any other way, by one byte even."""

from __future__ import annotations

from typing import BinaryIO, TypeVar

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from contest_server.core.saying import Said
from contest_server.ledger.chain import FORMAT, HASH_BYTES, Sealed
from contest_server.ledger.exporting import Header, Trailer, entry_line, header_line, trailer_line
from contest_server.ledger.limits import BODY_MAX_BYTES
from contest_server.ledger.verifying import Contradiction, Count, Each, Published, Unreadable, Verified, Verifier

LINE_MAX_BYTES = BODY_MAX_BYTES + 200
COUNT_EVERY_ENTRIES = 10_000
_HEADER_STARTS = b'{"format":"contest-ledger/'
_TRAILER_STARTS = b'{"end":'

Kind = TypeVar("Kind", bound=Struct)


class _EntryLine(Struct, frozen=True, forbid_unknown_fields=True):
    position: int
    body: Raw
    hash: str


def verify_export(stream: BinaryIO, *, expected: Published | None = None, count: Count | None = None, each: Each | None = None) -> Verified:
    """Read all of it, in bounded memory.

    Raises:
        Contradiction: the first thing that is wrong, with its line.
        Unreadable: it is not an export, or one of a newer format.
    """
    header = _header(_line(stream, 1))
    verifier = Verifier(header.contest, header.epoch, expected, each)
    number = 1
    while True:
        number += 1
        line = _line(stream, number)
        if line.startswith(_TRAILER_STARTS):
            break
        try:
            verifier.take(_entry(line, verifier.position + 1))
        except Contradiction as error:
            raise Contradiction(error.why, position=error.position, line=number) from error
        if count is not None and verifier.position % COUNT_EVERY_ENTRIES == 0:
            count(verifier.position)
    return replace(_end(stream, verifier, line, number), state=header.state, exported_at=header.exported_at)


def _line(stream: BinaryIO, number: int) -> bytes:
    line = stream.readline(LINE_MAX_BYTES + 1)
    if len(line) > LINE_MAX_BYTES:
        raise Contradiction(Said("longer than {most} bytes", most=LINE_MAX_BYTES), line=number)
    if number > 1 and not line:
        raise Contradiction(Said("the file ends here without a last line that says so: its tail is missing"), line=number)
    return line


def _header(line: bytes) -> Header:
    if not line.startswith(_HEADER_STARTS):
        raise Unreadable(Said("this is not an export of a ledger: its first line is no header"))
    try:
        header = _decode(line, Header, Said("not a header"))
    except Contradiction as error:
        raise Contradiction(error.why, line=1) from error
    if header.format != FORMAT:
        raise Unreadable(Said("the format is {format!r}, this version knows {known!r}", format=header.format, known=FORMAT))
    if header_line(header) != line:
        raise Contradiction(Said("not written as a header is"), line=1)
    return header


def _entry(line: bytes, position: int) -> Sealed:
    try:
        read = _decode(line, _EntryLine, Said("not an entry"))
        entry = Sealed(read.position, bytes(read.body), _hash(read.hash))
    except Contradiction as error:
        raise Contradiction(error.why, position=position) from error
    if entry_line(entry) != line:
        raise Contradiction(Said("not written as an entry is"), position=position)
    return entry


def _end(stream: BinaryIO, verifier: Verifier, line: bytes, number: int) -> Verified:
    try:
        trailer = _decode(line, Trailer, Said("not a last line"))
        if trailer_line(trailer) != line:
            raise Contradiction(Said("not written as a last line is"))
        verified = verifier.end(trailer.end, _hash(trailer.hash))
    except Contradiction as error:
        raise Contradiction(error.why, position=error.position, line=number) from error
    if stream.read(1):
        raise Contradiction(Said("something follows the last line"), line=number + 1)
    return verified


def _decode(line: bytes, kind: type[Kind], otherwise: Said) -> Kind:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Contradiction(Said("{otherwise}: {fault}", otherwise=otherwise, fault=str(error))) from error


def _hash(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError as error:
        raise Contradiction(Said("hash: {text!r:.80} is not hexadecimal", text=text)) from error
    if len(found) != HASH_BYTES or found.hex() != text:
        raise Contradiction(Said("hash: {text!r:.80} is not {count} lower-case digits", text=text, count=2 * HASH_BYTES))
    return found
