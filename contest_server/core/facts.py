"""What the ledger holds: facts that somebody stated, never anything derived from them.

A fact is a frozen record of a closed union, told apart by its tag `type`. Times are UTC microseconds (`_us`).
Names of persons never stand here (they can be corrected and erased; the ledger cannot).
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from contest_server.core.acts import Act as Act
from contest_server.core.acts import Status as Status
from contest_server.core.ids import AttemptId as AttemptId
from contest_server.core.ids import ContestantId as ContestantId
from contest_server.core.ids import ContestId as ContestId
from contest_server.core.ids import OfficialId as OfficialId
from contest_server.core.ids import SourceId as SourceId
from contest_server.core.ids import StageId as StageId
from contest_server.core.ids import VenueId as VenueId
from contest_server.core.orders import Order

EventKind = Literal["start", "clear", "attempt", "evidence", "violation", "withdraw", "note"]
Outcome = Literal["accepted", "rejected", "free", "pending"]
ClockAction = Literal["start", "pause", "resume", "extend", "end"]

Json = dict[str, Any]


class Event(Struct, frozen=True, tag="event", omit_defaults=True, gc=False):
    """One event from a venue, as the device stated it.

    `source` is "<venue>/<name of the device>"; `seq` is that source's own gapless number.
    `at_us` is the device's clock; `offset_us` is device minus server as measured, within ± `error_us` (None: never measured).
    """

    source: SourceId
    seq: int
    venue: VenueId
    kind: EventKind
    at_us: int
    contestant: ContestantId | None = None
    stage: StageId | None = None
    attempt: AttemptId | None = None
    data: Json = {}
    offset_us: int | None = None
    error_us: int | None = None


class Refused(Struct, frozen=True, tag="refused", omit_defaults=True):
    """A number of a source that was used up by an event that could not be taken."""

    source: SourceId
    seq: int
    code: str
    detail: str


class Scope(Struct, frozen=True, omit_defaults=True):
    """Which judgements a rejudging touches; an empty list means any. All that is named has to hold (E9).

    `devices` are sources, `outcomes` what the attempt came to, `from_us` to `to_us` when it was decided.
    """

    contestants: tuple[ContestantId, ...] = ()
    stages: tuple[StageId, ...] = ()
    rules: tuple[str, ...] = ()
    venues: tuple[VenueId, ...] = ()
    devices: tuple[SourceId, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    from_us: int | None = None
    to_us: int | None = None


class Adopted(Struct, frozen=True, tag="adopted", omit_defaults=True):
    """From here on this version of the definition holds, for everything before it too, or for what `scope` selects.

    An adoption that an official rehearsed names them, with the reason (E9).
    """

    version: int
    digest: str
    definition: Json
    scope: Scope | None = None
    official: OfficialId | None = None
    reason: str = ""


class Clock(Struct, frozen=True, tag="clock", omit_defaults=True):
    """The contest's clock was started, paused, resumed, extended by `by_ms`, or ended at `at_us`."""

    action: ClockAction
    at_us: int
    by_ms: int = 0


class Frozen(Struct, frozen=True, tag="frozen", omit_defaults=True):
    """The public board stays as it is at this entry's position; `minutes` before the end, for the phrase."""

    minutes: int


class Thawed(Struct, frozen=True, tag="thawed", omit_defaults=True):
    """The public board shows everything again."""


class Finalised(Struct, frozen=True, tag="finalised", omit_defaults=True):
    """The result is final."""


class Standing(Struct, frozen=True, tag="standing", omit_defaults=True):
    """An official set the status of a contestant (DNS, DSQ, …) for a reason."""

    contestant: ContestantId
    status: Status
    reason: str


class Unveiled(Struct, frozen=True, tag="unveiled", omit_defaults=True):
    """While the public board is frozen, it shows the true row of this contestant from here on. `id` names the step (of several)."""

    id: str
    contestant: ContestantId


class Veiled(Struct, frozen=True, tag="veiled", omit_defaults=True):
    """That step was taken back: the public sees this contestant as at the freeze again."""

    id: str
    contestant: ContestantId


class Directed(Struct, frozen=True, tag="directed", omit_defaults=True):
    """A director ordered something of a screen, or of `default`. `id` was chosen by the client: sent again, it changes nothing."""

    id: str
    screen: str
    order: Order


Fact = Event | Refused | Adopted | Clock | Frozen | Thawed | Finalised | Standing | Unveiled | Veiled | Directed | Act


class Entry(Struct, frozen=True, gc=False):
    """A fact with its place in the ledger: gapless from 1 in each contest."""

    position: int
    received_us: int
    author: str
    fact: Fact


class Draft(Struct, frozen=True, gc=False):
    """A fact on its way into the ledger. `source` and `seq` make it idempotent where both are given."""

    received_us: int
    author: str
    fact: Fact
    source: SourceId | None = None
    seq: int | None = None
