"""Draws blind codes by chance. Refuses nothing: which layer may be drawn is decided where it is entered."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence

from contest_server.ledger.seals import Seal

SALT_BYTES = 32
DIGITS_MIN = 3
ROOM = 10
"""Times as many numbers as codes, so that nobody guesses one by counting."""
PREFIXES = "ABCDEFGHI"
"""Of the layers, from the first."""


def prefix_of(layer: int) -> str:
    """What the codes of a layer begin with, unless somebody wants it otherwise."""
    return PREFIXES[layer - 1 : layer]


def new_seal(names: Sequence[str], prefix: str, taken: Collection[str] = ()) -> Seal:
    """A code of its own for each name: the prefix and random digits. None of them is `taken`."""
    wanted = len(names) + len(taken)
    digits = max(DIGITS_MIN, len(str(ROOM * wanted)))
    numbers = secrets.SystemRandom().sample(range(10**digits), wanted)
    codes = [code for number in numbers if (code := f"{prefix}{number:0{digits}d}") not in taken]
    return Seal(secrets.token_hex(SALT_BYTES), dict(zip(codes, names, strict=False)))
