"""A ledger as lines of JSON that anybody can check offline. Refuses to leave out anything: a cut file shows that it is cut.

{"format":"contest-ledger/1","contest":"…","epoch":"…","exported_at":"…Z","state":"live"}
{"position":1,"body":{…},"hash":"…"}        one line an entry; the bytes between `"body":` and `,"hash":` are what is hashed
{"end":1,"hash":"…"}                        the last position and its hash (0 and the genesis hash for an empty ledger)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Literal

import msgspec
from msgspec import Struct

from contest_server.core.facts import ContestId, Fact, Finalised, Frozen, Thawed
from contest_server.core.saying import Said
from contest_server.ledger.chain import FORMAT, Sealed, genesis, root_of
from contest_server.ledger.port import Head, Ledger, LedgerDamaged
from contest_server.ledger.sealed import SealedLedger

State = Literal["live", "frozen", "final"]
Progress = Callable[[int, int], None]
"""Called after each page with the entries done and the entries there are."""

PAGE_ENTRIES = 1_000


class Header(Struct, frozen=True, forbid_unknown_fields=True):
    """The first line. Contest and epoch are bound by the first hash; when and in which state it was exported is not."""

    format: str
    contest: ContestId
    epoch: str
    exported_at: str
    state: State


class Trailer(Struct, frozen=True, forbid_unknown_fields=True):
    """The last line, so that a cut tail is noticed."""

    end: int
    hash: str


def header_line(header: Header) -> bytes:
    return msgspec.json.encode(header) + b"\n"


def entry_line(entry: Sealed) -> bytes:
    return b'{"position":%d,"body":%b,"hash":"%b"}\n' % (entry.position, entry.body, entry.hash.hex().encode())


def trailer_line(trailer: Trailer) -> bytes:
    return msgspec.json.encode(trailer) + b"\n"


async def export(
    ledger: SealedLedger, contest: ContestId, *, state: State, exported_at: str, head: Head | None = None, progress: Progress | None = None
) -> AsyncIterator[bytes]:
    """The ledger up to `head` (as it is now, if None), a page of lines at a time. `exported_at` is ISO 8601 UTC with Z.

    Who may see which part of a contest is for the caller to decide: this is everything.

    Raises:
        KeyError: no such contest.
        LedgerFault: as `read` does; what was written by then has no trailer.
    """
    head = await ledger.head(contest) if head is None else head
    yield header_line(Header(FORMAT, contest, root_of(head.epoch), exported_at, state))
    last = genesis(contest, head.epoch)
    after = 0
    while after < head.position:
        page = await ledger.sealed(contest, after, min(PAGE_ENTRIES, head.position - after))
        yield b"".join(map(entry_line, page))
        after, last = page[-1].position, page[-1].hash
        if progress is not None:
            progress(after, head.position)
    if last.hex() != head.hash:
        told = Said(
            "entry {entry} of {contest} has not the hash that the head names. Run `contest-server verify`.", entry=after, contest=contest
        )
        raise LedgerDamaged(told)
    yield trailer_line(Trailer(after, head.hash))


async def state_at(ledger: Ledger, contest: ContestId, head: Head) -> State:
    """Whether the contest is frozen or final at this head. Reads all entries; a server that folds them knows already."""
    state: State = "live"
    after = 0
    while after < head.position:
        page = await ledger.read(contest, after, min(PAGE_ENTRIES, head.position - after))
        for entry in page:
            state = advance_state(state, entry.fact)
        after = page[-1].position
    return state


def advance_state(state: State, fact: Fact) -> State:
    """The state after this fact."""
    match fact:
        case Finalised():
            return "final"
        case Frozen():
            return "frozen" if state == "live" else state
        case Thawed():
            return "live" if state == "frozen" else state
        case _:
            return state
