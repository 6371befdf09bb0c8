"""What a venue may send, and how it learns of it."""

from __future__ import annotations

from msgspec import Struct

DATA_MAX_DEPTH = 8
DATA_MAX_VALUES = 2_000
DETAIL_MAX_CHARS = 200
"""Of what is wrong with a message; what was sent is told back in part only."""
NUMBER_MAX = 2**53
INTEGER_MAX_DIGITS = 40
SEQ_MAX = 2**53
TIME_MAX_US = 2**53
"""The year 2255. Times of events lie between 1970 and here."""


class Limits(Struct, frozen=True):
    """Told to every venue in its welcome."""

    batch: int = 500
    message_bytes: int = 262_144
    rate_per_s: int = 2_000
