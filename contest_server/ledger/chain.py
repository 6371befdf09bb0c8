"""Each entry's hash binds it to everything before it. Refuses nothing; it only computes.

    genesis  = sha256("contest-ledger/1" NUL contest NUL root)           the hash of position 0; the root is the epoch up to its dot
    hash(n)  = sha256(hash(n - 1) [32 bytes] ‖ n [8 bytes, big-endian] ‖ body [the bytes as stored and as exported])

Within the program a hash is 32 bytes, outside it is 64 lower-case hexadecimal digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from msgspec import Struct

from contest_server.core.facts import ContestId, Entry
from contest_server.ledger.codec import Written

FORMAT = "contest-ledger/1"
HASH_BYTES = 32
_NO_NUMBER = (None, None)


class Sealed(Struct, frozen=True, gc=False):
    """An entry as it is stored: the exact bytes of its body, and the hash that ends with it."""

    position: int
    body: bytes
    hash: bytes


class Stored(Struct, frozen=True, gc=False):
    """A sealed entry with the number under which it is stored, which need not stand in its body."""

    position: int
    body: bytes
    hash: bytes
    source: str | None = None
    seq: int | None = None


def root_of(epoch: str) -> str:
    """The epoch with which a ledger began. What follows a dot tells its restorations apart: cursors carry it, the chain does not."""
    return epoch.partition(".")[0]


def genesis(contest: ContestId, epoch: str) -> bytes:
    return sha256(f"{FORMAT}\0{contest}\0{root_of(epoch)}".encode()).digest()


def link(previous: bytes, position: int, body: bytes) -> bytes:
    return sha256(previous + position.to_bytes(8, "big") + body).digest()


def seal(last: bytes, position: int, drafts: Iterable[Written]) -> list[Stored]:
    """Give the drafts the places after `position`, whose hash is `last`."""
    sealed = []
    for draft in drafts:
        position += 1
        last = link(last, position, draft.body)
        source, seq = draft.number or _NO_NUMBER
        sealed.append(Stored(position, draft.body, last, source, seq))
    return sealed


def entries(after: int, drafts: Iterable[Written]) -> list[Entry]:
    """The same drafts as a reader will see them."""
    return [Entry(position, each.draft.received_us, each.draft.author, each.fact) for position, each in enumerate(drafts, after + 1)]
