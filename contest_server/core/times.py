"""Times as text: ISO 8601 in UTC, with Z. Inside, whole microseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def us_of(moment: datetime) -> int:
    """Whole microseconds since 1970 of a time with a zone."""
    return (moment - EPOCH) // MICROSECOND


def text_of_us(us: int) -> str:
    """As "2026-11-22T09:03:12.418Z": milliseconds, or microseconds where there are any."""
    moment = EPOCH + timedelta(microseconds=us)
    precision = "milliseconds" if us % 1000 == 0 else "microseconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")
