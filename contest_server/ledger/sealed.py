"""The ledger as it lies in the store, for export and verification: bytes and hashes, nothing decoded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from contest_server.core.facts import ContestId, Draft, Entry
from contest_server.core.saying import Said, said_by
from contest_server.ledger.chain import Sealed, Stored, link
from contest_server.ledger.codec import NotAFact, Number, Written, decode, decode_lines, write
from contest_server.ledger.limits import APPEND_MAX_BYTES, READ_MAX_BYTES, LimitExceeded, check_append
from contest_server.ledger.port import READ_MAX_ENTRIES, Head, Ledger, LedgerDamaged


class Foreign(ValueError):
    """These entries do not follow from what is there: of another ledger, out of order, or changed on the way. Nothing was stored."""


class SealedLedger(Ledger, Protocol):
    """A ledger that also shows what exactly it stores, and takes in what another one stored."""

    async def sealed(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Sealed]:
        """As `read`, undecoded. A page may be shorter than `limit` (READ_MAX_BYTES); only an empty one is the end."""
        ...

    async def stored(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Stored]:
        """As `sealed`, with the numbers."""
        ...

    async def plant(self, contest: ContestId, epoch: str, entries: Sequence[Stored]) -> Head:
        """Store entries of another ledger just as they are, in one durable transaction, after those that were planted before. The contest
        begins with this epoch if it is new.

        Raises:
            Foreign: they do not follow.
        """
        ...


def written(drafts: Sequence[Draft]) -> list[Written]:
    """All drafts of one append in stored form. Raises LimitExceeded or NotAFact, and then nothing of them is stored."""
    check_append(len(drafts))
    result = [write(draft) for draft in drafts]
    size = sum(len(draft.body) for draft in result)
    if size > APPEND_MAX_BYTES:
        raise LimitExceeded(Said("{size} bytes in one append, at most {most}", size=size, most=APPEND_MAX_BYTES))
    return result


def without_known(drafts: Sequence[Written], known: set[Number]) -> list[Written]:
    """The drafts whose number is neither stored nor used by an earlier draft of the same append."""
    taken = set(known)
    fresh = []
    for draft in drafts:
        if draft.number is None or draft.number not in taken:
            fresh.append(draft)
        if draft.number is not None:
            taken.add(draft.number)
    return fresh


def check_following(head: Head, epoch: str, entries: Sequence[Stored]) -> None:
    """Raises Foreign where entries are not what comes after `head`."""
    if head.epoch != epoch:
        raise Foreign(Said("the ledger here is {here}, these entries are of {there}", here=head.epoch, there=epoch))
    position, last = head.position, bytes.fromhex(head.hash)
    for each in entries:
        position += 1
        if each.position != position or each.hash != link(last, position, each.body):
            told = Said("entry {position} does not follow from entry {before} here", position=each.position, before=position - 1)
            raise Foreign(told)
        last = each.hash


def page(rows: Iterable[Stored], after: int) -> list[Stored]:
    """Rows up to READ_MAX_BYTES (at least one), which must follow `after` without a gap."""
    taken: list[Stored] = []
    size = 0
    for row in rows:
        expected = after + 1 + len(taken)
        if row.position != expected:
            gap: dict[str, Any] = {"expected": expected, "found": row.position}
            raise LedgerDamaged(
                Said("entry {expected} is missing, {found} follows. Run `contest-server verify` and restore a backup.", **gap)
            )
        taken.append(row)
        size += len(row.body)
        if size >= READ_MAX_BYTES:
            break
    return taken


def seals_of(page: Sequence[Stored]) -> list[Sealed]:
    """The same without the numbers."""
    return [Sealed(each.position, each.body, each.hash) for each in page]


def opened(sealed: Sequence[Sealed | Stored]) -> list[Entry]:
    """Decode what was read. Raises LedgerDamaged for an entry that is no fact."""
    return [_open(one) for one in sealed]


def opened_lines(lines: bytes, after: int, many: int) -> list[Entry] | None:
    """Decode so many bodies, one a line. None where they are not just that: who opens them one by one learns which is damaged."""
    try:
        bodies = decode_lines(lines)
    except NotAFact:
        return None
    if len(bodies) != many or lines.count(b"\n") != many - 1:
        return None
    return [Entry(position, each.received_us, each.author, each.fact) for position, each in enumerate(bodies, after + 1)]


def _open(one: Sealed | Stored) -> Entry:
    try:
        body = decode(one.body)
    except NotAFact as error:
        about: dict[str, Any] = {"position": one.position, "fault": said_by(error)}
        told = Said("entry {position}: {fault}. By a newer version, or damaged? Run `contest-server verify`.", **about)
        raise LedgerDamaged(told) from error
    return Entry(one.position, body.received_us, body.author, body.fact)
