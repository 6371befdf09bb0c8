"""Times as text: ISO 8601 in UTC, with Z. Inside, whole microseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECONDS_KEPT = 256
"""The texts of so many seconds are kept: most times that are told are of now, or of when the contest began."""


def us_of(moment: datetime) -> int:
    """Whole microseconds since 1970 of a time with a zone."""
    return (moment - EPOCH) // MICROSECOND


def text_of_us(us: int) -> str:
    """As "2026-11-22T09:03:12.418Z": milliseconds, or microseconds where there are any."""
    second, rest_us = divmod(us, 1_000_000)
    fraction = f"{rest_us:06}" if rest_us % 1000 else f"{rest_us // 1000:03}"
    return f"{_text_of_second(second)}.{fraction}Z"


@lru_cache(SECONDS_KEPT)
def _text_of_second(second: int) -> str:
    return (EPOCH + timedelta(seconds=second)).isoformat().removesuffix("+00:00")
