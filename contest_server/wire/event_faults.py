"""What msgspec finds wrong with one event, as it is stored and sent: the field first. It is put in other languages by whoever shows it."""

from __future__ import annotations

from contest_server.core.saying import Said
from contest_server.wire.limits import DETAIL_MAX_CHARS

WHAT = (
    Said("expected {json_wanted}, got {json_got}"),
    Said("expected {json_wanted}"),
    Said("expected {json_wanted} of length >= {least}"),
    Said("expected {json_wanted} of length <= {most}"),
    Said("expected {json_wanted} >= {least}"),
    Said("expected {json_wanted} <= {most}"),
    Said("object missing required field {field}"),
    Said("object contains unknown field {field}"),
    Said("invalid enum value {value}"),
    Said("integer value out of range"),
    Said("number out of range"),
    Said("maximum recursion depth exceeded"),
)
"""All that can stand behind the field; read back by it, too."""
WHERE_FIRST = Said("{field}: {what}")
_AT = " - at `$"
_OF_THE_EVENT = "Object contains unknown field "
"""Names no place, as an event holds no objects with fields of their own; what looks like a place in it is part of the sender's name."""


def where_first(message: str) -> str:
    """From "Expected `str`, got `int` - at `$.at`" to "at: expected str, got int"; the place stands behind what the sender wrote."""
    cut = -1 if message.startswith(_OF_THE_EVENT) else message.rfind(_AT)
    what, where = (message, "") if cut < 0 else (message[:cut], message[cut + len(_AT) :])
    field = where.strip("`.") or "event"
    return f"{field}: {what[:1].lower()}{what[1:]}".replace("`", "")[:DETAIL_MAX_CHARS]
