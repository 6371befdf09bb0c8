"""Times as recordings write them: durations ("5:00:00.000", "01:00:00", "-0:06:13.697") and instants, with or without a zone in full."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from contest_server.replay.recording import UnreadableRecording

UNNAMED_START_US = 946_684_800_000_000
"""2000-01-01T00:00:00Z: when a contest starts whose recording gives contest times only."""

NUMBER_MAX = 10**15
"""Beyond it a number in a table is no time that could be meant."""

_DURATION = re.compile(r"(?P<sign>-?)(?P<h>\d{1,6}):(?P<m>\d{1,2}):(?P<s>\d{1,2})(?:\.(?P<fraction>\d{1,9}))?")
_MS_FROM = 100_000_000_000
"""A number of an instant from here on is in milliseconds; in seconds it would lie in the year 5138."""


def duration_ms(value: object, number_unit_ms: int = 60_000) -> int:
    """Whole milliseconds, cut off. A plain number counts in `number_unit_ms` (the feeds write a penalty of 20 minutes as 20).

    Raises:
        UnreadableRecording: naming what was found.
    """
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return int(Decimal(str(value)) * number_unit_ms)
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise UnreadableRecording(f"{value!r:.60} is no duration; expected hours:minutes:seconds such as 5:00:00.000")
    milliseconds = int(((found["fraction"] or "") + "000")[:3])
    total = (int(found["h"]) * 3600 + int(found["m"]) * 60 + int(found["s"])) * 1000 + milliseconds
    return -total if found["sign"] else total


def instant_us(value: object) -> int:
    """UTC µs of an ISO 8601 time ("2023-02-25T14:00:00.004-05" too; without a zone: UTC) or of a number of seconds or milliseconds.

    Raises:
        UnreadableRecording: naming what was found.
    """
    if isinstance(value, datetime):
        return _microseconds(value)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        number = Decimal(str(value))
        return int(number * (1000 if abs(number) >= _MS_FROM else 1_000_000))
    try:
        return _microseconds(datetime.fromisoformat(str(value).strip()))
    except ValueError:
        raise UnreadableRecording(f"{value!r:.60} is no time; expected ISO 8601 such as 2026-11-22T09:03:12.418Z") from None


def text_of_instant(at_us: int) -> str:
    """ISO 8601 in UTC with microseconds where there are any: what the wire and a definition take."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
    return moment.isoformat().replace("+00:00", "Z")


def whole_ms(text: str, unit_ms: int) -> int | None:
    """A number printed in a table, in milliseconds; None where the cell is empty.

    Raises:
        UnreadableRecording: naming what was found.
    """
    text = text.strip()
    if not text:
        return None
    if ":" in text:
        return duration_ms(text)
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > NUMBER_MAX:
        raise UnreadableRecording(f"{text!r:.60} is no number") from None
    return int(number * unit_ms)


def _microseconds(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
