"""What a display asked to see: a filter and a limit. Refuses what it does not know by name."""

from __future__ import annotations

from dataclasses import dataclass

from contest_server.core.facts import ContestantId, VenueId
from contest_server.core.saying import Said

TOP_MAX_ROWS = 20_000
CONTESTANTS_MAX = 500


class BadView(ValueError):
    """The view's text is not one of the known forms."""


@dataclass(frozen=True, slots=True)
class All:
    """Every contestant."""


@dataclass(frozen=True, slots=True)
class Top:
    """The first `rows` of the ranking."""

    rows: int


@dataclass(frozen=True, slots=True)
class OfVenue:
    """The contestants of one venue."""

    venue: VenueId


@dataclass(frozen=True, slots=True)
class Chosen:
    """These contestants."""

    contestants: frozenset[ContestantId]


View = All | Top | OfVenue | Chosen


def parse_view(text: str) -> View:
    """`all`, `top:50`, `venue:yueqing` or `contestants:A017,B003`. Raises BadView with what was expected."""
    kind, _, rest = text.partition(":")
    if text in ("", "all"):
        return All()
    if kind == "top" and rest.isascii() and rest.isdigit() and len(rest) <= 5 and 1 <= int(rest) <= TOP_MAX_ROWS:
        return Top(int(rest))
    if kind == "venue" and rest:
        return OfVenue(VenueId(rest))
    if kind == "contestants" and rest:
        names = frozenset(ContestantId(name) for name in rest.split(",") if name)
        if 1 <= len(names) <= CONTESTANTS_MAX:
            return Chosen(names)
    raise BadView(
        Said(
            "view {text!r}: expected all, top:N, venue:ID or contestants:ID,ID (N up to {rows}, {most} contestants)",
            text=text[:80],
            rows=TOP_MAX_ROWS,
            most=CONTESTANTS_MAX,
        )
    )
