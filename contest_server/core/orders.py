"""What a director can order of a screen, or of all. Each order is a fact with its author; none of them touches a score."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from contest_server.core.programs import Program, Words

STEPS_MAX = 100
STEP_MAX_S = 86_400
MESSAGE_MAX_S = 3_600
TIME_MAX_US = 2**53
DEFAULT = "default"
"""Stands for what every screen shows that was told nothing else; and for all screens, where an order is no program."""


class Verb(Struct, frozen=True, tag_field="verb", omit_defaults=True, forbid_unknown_fields=True):
    """What all orders have in common: nothing but their verb."""


class Assign(Verb, frozen=True, tag="assign"):
    """Show this from now on."""

    program: Program


class Follow(Verb, frozen=True, tag="follow"):
    """Show what the default shows, whatever that will be."""


class Hide(Verb, frozen=True, tag="hide"):
    """Show nothing but the background. What would be shown goes on behind it."""


class Show(Verb, frozen=True, tag="show"):
    """Hide no more."""


class Identify(Verb, frozen=True, tag="identify"):
    """Say for a few seconds which screen this is."""


class Reload(Verb, frozen=True, tag="reload"):
    """Load the page again."""


class Message(Verb, frozen=True, tag="message"):
    """Words over whatever is shown, for some seconds. Empty words take back those before."""

    zh: Words = ""
    en: Words = ""
    seconds: Annotated[int, Meta(ge=1, le=MESSAGE_MAX_S)] = 20


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """A program of a sequence, and for how long."""

    program: Program
    seconds: Annotated[int, Meta(ge=1, le=STEP_MAX_S)]


class Sequence(Verb, frozen=True, tag="sequence"):
    """One program after the other; from the start again, if it is a loop, or else the last one stays."""

    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=STEPS_MAX)]
    loop: bool = True


class At(Verb, frozen=True, tag="at"):
    """Show this from a moment on, unless somebody says otherwise before."""

    at_us: Annotated[int, Meta(ge=0, le=TIME_MAX_US)]
    program: Program


class Stop(Verb, frozen=True, tag="stop"):
    """Stay at what is shown now: no sequence goes on, no timed switch comes."""


class TakeBack(Verb, frozen=True, tag="undo"):
    """As if the last order that can be undone had not been given."""


Order = Assign | Follow | Hide | Show | Identify | Reload | Message | Sequence | At | Stop | TakeBack
