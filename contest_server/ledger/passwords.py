"""Passwords of officials: made, checked, hashed with argon2. Refuses short ones, and more log-ins at once than can be reckoned.

Hashing is slow on purpose (about 50 ms and 64 MiB), so it has a thread of its own, one hash at a time.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from contest_server.core.saying import Said
from contest_server.ledger.limits import LimitExceeded

PASSWORD_MIN_CHARS = 8
PASSWORD_MAX_CHARS = 200
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs, 5 bits each, without those that are taken for each other on paper (0 and O, 1 and I)."""
GROUPS, GROUP_CHARS = 3, 4
"""12 signs are 60 bits."""
HASHES_MAX_WAITING = 200
"""10 s of hashing. Who comes later is asked to come again."""

_GENERATED = re.compile(rf"[{ALPHABET}]{{{GROUPS * GROUP_CHARS}}}\Z")

Result = TypeVar("Result")


class TooManyLogins(Exception):
    """More than HASHES_MAX_WAITING passwords wait to be checked. Nothing was done; try again later."""


def new_password() -> str:
    """Such as K7QM-2XPF-9DRT: 60 random bits that can be read from a slip of paper."""
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP_CHARS)))


def check_password(password: str) -> None:
    """Raises LimitExceeded: too short or too long."""
    if not PASSWORD_MIN_CHARS <= len(password) <= PASSWORD_MAX_CHARS:
        raise LimitExceeded(
            Said(
                "a password of {count} characters; from {least} to {most} are taken",
                count=len(password),
                least=PASSWORD_MIN_CHARS,
                most=PASSWORD_MAX_CHARS,
            )
        )


def as_meant(password: str) -> str:
    """What is hashed: a generated one may be typed in small letters and without its strokes; any other is taken as it is (in NFC)."""
    bare = re.sub(r"[\s-]", "", password).upper()
    return _grouped(bare) if _GENERATED.match(bare) else unicodedata.normalize("NFC", password)


def _grouped(bare: str) -> str:
    return "-".join(bare[start : start + GROUP_CHARS] for start in range(0, len(bare), GROUP_CHARS))


def careful() -> PasswordHasher:
    """As RFC 9106 advises where memory is short: 64 MiB, 3 passes."""
    return PasswordHasher()


def light() -> PasswordHasher:
    """For what is never written to a disk: somebody who can read the memory needs no password."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Hashing:
    """One hash after the other in a thread that comes with the first and goes with this object."""

    def __init__(self, hasher: PasswordHasher, waiting_max: int = HASHES_MAX_WAITING) -> None:
        self._hasher = hasher
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="passwords")
        self._waiting = threading.BoundedSemaphore(waiting_max)
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """Raises LimitExceeded (see check_password), TooManyLogins."""
        check_password(password)
        return await self._run(lambda: self._hasher.hash(_bytes(password)))

    async def matches(self, hashed: str | None, password: str) -> bool:
        """Whether this is the password. Without a hash it takes as long, and the answer is no. Raises TooManyLogins."""
        if len(password) > PASSWORD_MAX_CHARS:
            return False
        return await self._run(lambda: self._verify(hashed, password))

    def _verify(self, hashed: str | None, password: str) -> bool:
        if self._nobodys is None:
            self._nobodys = self._hasher.hash(secrets.token_bytes(16))
        try:
            self._hasher.verify(hashed or self._nobodys, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None

    async def _run(self, work: Callable[[], Result]) -> Result:
        if not self._waiting.acquire(blocking=False):
            raise TooManyLogins(Said("too many passwords are waiting to be checked; try again later"))
        try:
            future = self._thread.submit(work)
        except BaseException:
            self._waiting.release()
            raise
        future.add_done_callback(lambda _: self._waiting.release())
        return await asyncio.wrap_future(future)


def _bytes(password: str) -> bytes:
    return as_meant(password).encode("utf-8", "surrogatepass")
