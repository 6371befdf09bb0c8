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


class Sealed(Struct, frozen=True, gc=False):
    """An entry as it is stored: the exact bytes of its body, and the hash that ends with it."""

    position: int
    body: bytes
    hash: bytes


def root_of(epoch: str) -> str:
    """The epoch with which a ledger began. What follows a dot tells its restorations apart: cursors carry it, the chain does not."""
    return epoch.partition(".")[0]


def genesis(contest: ContestId, epoch: str) -> bytes:
    return sha256(f"{FORMAT}\0{contest}\0{root_of(epoch)}".encode()).digest()


def link(previous: bytes, position: int, body: bytes) -> bytes:
    return sha256(previous + position.to_bytes(8, "big") + body).digest()


def seal(last: bytes, position: int, drafts: Iterable[Written]) -> list[Sealed]:
    """Give the drafts the places after `position`, whose hash is `last`."""
    sealed = []
    for draft in drafts:
        position += 1
        last = link(last, position, draft.body)
        sealed.append(Sealed(position, draft.body, last))
    return sealed


def entries(after: int, drafts: Iterable[Written]) -> list[Entry]:
    """The same drafts as a reader will see them."""
    return [Entry(position, draft.read.received_us, draft.read.author, draft.read.fact) for position, draft in enumerate(drafts, after + 1)]
