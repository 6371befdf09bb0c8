"""Holds entries against each other and against the rules of the format, offline. Refuses at the first that contradicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from contest_server.core.facts import ContestId, Entry
from contest_server.core.saying import Said, Text, said_by
from contest_server.ledger.chain import Sealed, Stored, genesis, link
from contest_server.ledger.codec import Body, NotAFact, Number, decode, is_canonical, number_in

SOURCES_MAX = 1_000_000

Count = Callable[[int], None]
"""Called now and then with the number of entries that were found good."""
Each = Callable[[Entry], None]
"""Called with each entry that was found good, in order."""


class Contradiction(Exception):
    """The first thing that is wrong. `position` and `line` say where, as far as there is a place."""

    def __init__(self, why: Text, *, position: int | None = None, line: int | None = None) -> None:
        super().__init__(_placed(why, position, line))
        self.why = why
        self.position = position
        self.line = line


def _placed(why: Text, position: int | None, line: int | None) -> Text:
    match position, line:
        case None, None:
            return why
        case None, _:
            return Said("line {line}: {why}", line=line, why=why)
        case _, None:
            return Said("entry {position}: {why}", position=position, why=why)
        case _:
            return Said("entry {position}, line {line}: {why}", position=position, line=line, why=why)


class Unreadable(Exception):
    """This is neither good nor bad: it is not a ledger, or it cannot be opened, or this version is too old for it."""


class Published(Struct, frozen=True):
    """A hash that was made public, of the entry at `position` (None: of the last one)."""

    hash: bytes
    position: int | None = None


class Verified(Struct, frozen=True):
    """A ledger without a contradiction."""

    contest: ContestId
    epoch: str
    entries: int
    hash: str
    facts: dict[str, int]
    sources: int
    first_us: int | None
    last_us: int | None
    state: str | None = None
    exported_at: str | None = None


def published(text: str) -> Published:
    """Read "HASH" or "POSITION:HASH". Raises ValueError."""
    position, colon, hash_ = text.strip().rpartition(":")
    if len(hash_) != 64 or (colon and not position.isdecimal()):
        raise ValueError(Said("{text!r} is not 64 hexadecimal digits, or a position, a colon and 64 hexadecimal digits", text=text))
    return Published(bytes.fromhex(hash_), int(position) if colon else None)


class Verifier:
    """Takes entries in order. Its memory grows with the number of sources only (SOURCES_MAX)."""

    def __init__(self, contest: ContestId, epoch: str, expected: Published | None = None, each: Each | None = None) -> None:
        self.position = 0
        self._each = each
        self.hash = genesis(contest, epoch)
        self._contest, self._epoch = contest, epoch
        self._expected = expected
        self._met_at: int | None = None
        self._facts: Counter[str] = Counter()
        self._last_seq: dict[str, int] = {}
        self._first_us: int | None = None
        self._last_us: int | None = None
        self._meet()

    def take(self, entry: Sealed) -> Number | None:
        """The number that this entry uses up. Raises Contradiction, without the line."""
        self._check_link(entry)
        body = self._read(entry)
        number = number_in(body.fact)
        if number is not None:
            self._check_number(entry.position, number)
        self.position, self.hash = entry.position, entry.hash
        self._note(body)
        self._meet()
        if self._each is not None:
            self._each(Entry(entry.position, body.received_us, body.author, body.fact))
        return number

    def take_stored(self, entry: Stored) -> None:
        """As `take`, and the number under which it is stored is held against the one it has. Raises Contradiction."""
        number = self.take(Sealed(entry.position, entry.body, entry.hash))
        if number is not None and number != (entry.source, entry.seq):
            numbers: dict[str, Any] = {"stored": (entry.source, entry.seq), "own": number}
            raise Contradiction(Said("stored under the number {stored!r}, but the body says {own!r}", **numbers), position=entry.position)

    def end(self, position: int, hash_: bytes) -> Verified:
        """Hold the end against what the trailer or the table says, and against the published hash. Raises Contradiction."""
        if position != self.position:
            raise Contradiction(Said("the last entry is {last}, but {end} is given as the end", last=self.position, end=position))
        if hash_ != self.hash:
            ends = {"found": self.hash.hex(), "given": hash_.hex()}
            raise Contradiction(Said("the chain ends in {found}, but {given} is given as its end", **ends), position=position)
        self._check_expected()
        return Verified(
            self._contest,
            self._epoch,
            self.position,
            self.hash.hex(),
            dict(self._facts.most_common()),
            len(self._last_seq),
            self._first_us,
            self._last_us,
        )

    def _check_link(self, entry: Sealed) -> None:
        here = self.position + 1
        if entry.position != here:
            raise Contradiction(Said("position {found} where {expected} was expected", found=entry.position, expected=here), position=here)
        if entry.hash != link(self.hash, here, entry.body):
            first = Said(" (or contest or epoch in the header)") if here == 1 else ""
            changed = Said("its hash does not follow from the entry before it and its body{first}: one of them was changed", first=first)
            raise Contradiction(changed, position=here)

    def _read(self, entry: Sealed) -> Body:
        try:
            body = decode(entry.body)
        except NotAFact as error:
            raise Contradiction(Said("the chain holds, but the body is {fault}", fault=said_by(error)), position=entry.position) from error
        if not is_canonical(entry.body, body):
            raise Contradiction(Said("the chain holds, but the body is not in canonical form"), position=entry.position)
        return body

    def _check_number(self, position: int, number: Number) -> None:
        source, seq = number
        expected = self._last_seq.get(source, 0) + 1
        if seq != expected:
            about: dict[str, Any] = {"seq": seq, "source": source, "expected": expected}
            twice = Said("number {seq} of source {source} occurs twice: {expected} was expected", **about)
            gap = Said("number {seq} of source {source} leaves a gap: {expected} was expected", **about)
            raise Contradiction(twice if seq < expected else gap, position=position)
        if source not in self._last_seq and len(self._last_seq) >= SOURCES_MAX:
            raise Contradiction(Said("more than {most} sources", most=SOURCES_MAX), position=position)
        self._last_seq[source] = seq

    def _note(self, body: Body) -> None:
        self._facts[str(body.fact.__struct_config__.tag)] += 1
        self._first_us = body.received_us if self._first_us is None else self._first_us
        self._last_us = body.received_us

    def _meet(self) -> None:
        """Remember where the published hash was met; if it was said where it has to be, it must be there."""
        if self._expected is None:
            return
        if self._expected.hash == self.hash:
            self._met_at = self.position
        elif self._expected.position == self.position:
            hashes = {"found": self.hash.hex(), "published": self._expected.hash.hex()}
            raise Contradiction(Said("its hash is {found}, the published one is {published}", **hashes), position=self.position)

    def _check_expected(self) -> None:
        if self._expected is None:
            return
        place = self.position if self._expected.position is None else self._expected.position
        if self._met_at == place:
            return
        wanted = self._expected.hash.hex()
        if self._met_at is not None and self._expected.position is None:
            more = self.position - self._met_at
            met: dict[str, Any] = {"at": self._met_at, "more": more, "hash": wanted}
            raise Contradiction(Said("the published hash is that of entry {at}, {more} more follow (allow them: {at}:{hash})", **met))
        if self._expected.position is not None and self._expected.position > self.position:
            ends: dict[str, Any] = {"at": self._expected.position, "end": self.position}
            raise Contradiction(Said("the published hash is of entry {at}, but the ledger ends at {end}", **ends))
        hashes = {"found": self.hash.hex(), "published": wanted}
        raise Contradiction(Said("the ledger ends in {found}, the published hash {published} does not occur in it", **hashes))
