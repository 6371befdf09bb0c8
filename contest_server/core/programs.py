"""What a screen can show: a scene with its options. Refuses scenes that no page knows, and options that are not theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from contest_server.core.ids import ContestantId, VenueId

Language = Literal["zh", "en", "both"]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Words = Annotated[str, Meta(max_length=400)]
Picture = Annotated[str, Meta(max_length=200, pattern=r"^[\w\-][\w.\-]*(/[\w\-][\w.\-]*)*$")]
"""A file of the contest's theme, never an address elsewhere."""
Moment = Annotated[str, Meta(max_length=40, pattern=r"^(\d{1,15}|\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d))$")]
"""A position of the ledger, or a time as ISO 8601 with a zone."""
Until = Annotated[str, Meta(max_length=40, pattern=r"^(start|end|\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d))$")]

PLACES_MAX = 8


class Scene(Struct, frozen=True, tag_field="scene", omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """What all scenes have. `lang` is what the screen speaks; without it, what the contest does."""

    lang: Language | None = None


class RankingScene(Scene, frozen=True, tag="ranking"):
    """The ranking; of a view of the board, if one is named."""

    view: Annotated[str, Meta(max_length=400)] | None = None


class Lanes(Scene, frozen=True, tag="lanes"):
    """The stages of all contestants side by side."""


class Duel(Scene, frozen=True, tag="duel"):
    """Two venues against each other; the first two, if none are named."""

    left: Name | None = None
    right: Name | None = None


class HeadToHead(Scene, frozen=True, tag="head_to_head"):
    """Two contestants against each other."""

    left: Name
    right: Name


class Spotlight(Scene, frozen=True, tag="spotlight"):
    """One contestant."""

    contestant: Name


class Ticker(Scene, frozen=True, tag="ticker"):
    """Clears, first clears and lead changes as they happen."""


class Countdown(Scene, frozen=True, tag="countdown"):
    """The time until the start, the end, or a moment."""

    to: Until = "start"


class Notice(Scene, frozen=True, tag="notice"):
    """A card with words, and a picture of the theme."""

    zh: Words = ""
    en: Words = ""
    image: Picture | None = None


class RevealScene(Scene, frozen=True, tag="reveal"):
    """The frozen board while it is revealed, step by step."""


class Ceremony(Scene, frozen=True, tag="ceremony"):
    """The best, from the last of these places to the first; `step` by hand (so many are shown), or one after the other by themselves."""

    places: Annotated[int, Meta(ge=1, le=PLACES_MAX)] = 3
    medals: bool = True
    step: Annotated[int, Meta(ge=0, le=PLACES_MAX)] | None = None


class Replay(Scene, frozen=True, tag="replay"):
    """The contest as it was, this many times as fast."""

    from_: Moment | None = field(default=None, name="from")
    to: Moment | None = None
    speed: Annotated[int, Meta(ge=1, le=600)] = 60


class Auto(Scene, frozen=True, tag="auto"):
    """Whatever is most worth seeing."""


Program = RankingScene | Lanes | Duel | HeadToHead | Spotlight | Ticker | Countdown | Notice | RevealScene | Ceremony | Replay | Auto
FIRST_PROGRAM: Program = RankingScene()
"""What is shown where nobody said anything."""


def document_of(program: Program) -> dict[str, Any]:
    """As JSON has it: the scene, and the options that are not as usual."""
    return msgspec.to_builtins(program)  # type: ignore[no-any-return]


def contestants_in(program: Program) -> Iterator[ContestantId]:
    """Whom a program names."""
    match program:
        case HeadToHead(left=left, right=right):
            yield from (ContestantId(left), ContestantId(right))
        case Spotlight(contestant=contestant):
            yield ContestantId(contestant)


def venues_in(program: Program) -> Iterator[VenueId]:
    """The venues that a program names."""
    if isinstance(program, Duel):
        yield from (VenueId(each) for each in (program.left, program.right) if each is not None)
