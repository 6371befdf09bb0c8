"""A ruling as it comes over HTTP: one table a verb, times as ISO 8601. Refuses what it does not know, by field."""

# ruff: noqa: ARG002 - one signature for all verbs

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec.structs import replace
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from contest_server.core.acts import (
    Action,
    Annul,
    Confirm,
    Disqualify,
    Hold,
    Override,
    Penalise,
    ReasonCode,
    Reinstate,
    Remove,
    Reopen,
    Rerun,
    Ruled,
    SendBack,
    SetStatus,
    StartClock,
    Status,
    Step,
    StopClock,
    Undo,
)
from contest_server.core.ids import ActId, AttemptId, ContestantId, OfficialId, StageId, VenueId
from contest_server.core.saying import Said
from contest_server.core.times import us_of
from contest_server.web.control import iso_8601
from contest_server.web.entering import ActName, Name, Statement
from contest_server.wire.limits import TIME_MAX_US

MarksText = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,7}(\.[0-9]{1,6})?$")]


def _in_range(moment: datetime) -> datetime:
    if not 0 <= us_of(moment) <= TIME_MAX_US:
        raise ValueError(Said("out of range; expected a time from 1970 to 2255"))
    return moment


When = Annotated[AwareDatetime, BeforeValidator(iso_8601), AfterValidator(_in_range)]
TIME_MAX_MS = 86_400_000


class _Verb(BaseModel):
    """What a ruling does. `action(now_us)` says it for the ledger; it happens now where no time is given."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class ConfirmOrder(_Verb):
    verb: Literal["confirm"]

    def action(self, now_us: int) -> Action:
        return Confirm()


class OverrideOrder(_Verb):
    verb: Literal["override"]
    aspect: Name | None = None
    marks: MarksText | None = None
    outcome: Literal["accepted", "rejected", "free"] | None = None

    def action(self, now_us: int) -> Action:
        return Override(self.aspect, self.marks, self.outcome)


class AnnulOrder(_Verb):
    verb: Literal["annul"]

    def action(self, now_us: int) -> Action:
        return Annul()


class ReinstateOrder(_Verb):
    verb: Literal["reinstate"]

    def action(self, now_us: int) -> Action:
        return Reinstate()


class RerunOrder(_Verb):
    verb: Literal["rerun"]

    def action(self, now_us: int) -> Action:
        return Rerun()


class ReturnOrder(_Verb):
    verb: Literal["return"]

    def action(self, now_us: int) -> Action:
        return SendBack()


class PenaliseOrder(_Verb):
    """Positive amounts are taken, negative ones given back."""

    verb: Literal["penalise"]
    marks: MarksText = "0"
    time_ms: int = Field(default=0, ge=-TIME_MAX_MS, le=TIME_MAX_MS)

    def action(self, now_us: int) -> Action:
        return Penalise(self.marks, self.time_ms)


class DisqualifyOrder(_Verb):
    verb: Literal["disqualify"]
    aspect: Name | None = None

    def action(self, now_us: int) -> Action:
        return Disqualify(self.aspect)


class StatusOrder(_Verb):
    verb: Literal["status"]
    status: Status

    def action(self, now_us: int) -> Action:
        return SetStatus(self.status)


class HoldOrder(_Verb):
    """`from` is now where it is left out."""

    verb: Literal["hold"]
    from_: When | None = Field(default=None, alias="from")

    def action(self, now_us: int) -> Action:
        return Hold(now_us if self.from_ is None else us_of(self.from_))


class RemoveOrder(_Verb):
    verb: Literal["remove"]
    from_: When = Field(alias="from")
    to: When
    venue: Name | None = None

    def action(self, now_us: int) -> Action:
        return Remove(us_of(self.from_), us_of(self.to), None if self.venue is None else VenueId(self.venue))


class StopClockOrder(_Verb):
    """`from` is now where it is left out."""

    verb: Literal["stop_clock"]
    from_: When | None = Field(default=None, alias="from")

    def action(self, now_us: int) -> Action:
        return StopClock(now_us if self.from_ is None else us_of(self.from_))


class StartClockOrder(_Verb):
    """`at` is now where it is left out."""

    verb: Literal["start_clock"]
    at: When | None = None

    def action(self, now_us: int) -> Action:
        return StartClock(now_us if self.at is None else us_of(self.at))


class StepOrder(_Verb):
    verb: Literal["step"]
    to: Literal["registered", "called", "ready"]

    def action(self, now_us: int) -> Action:
        return Step(self.to)


class ReopenOrder(_Verb):
    verb: Literal["reopen"]

    def action(self, now_us: int) -> Action:
        return Reopen()


class UndoOrder(_Verb):
    verb: Literal["undo"]
    act: ActName

    def action(self, now_us: int) -> Action:
        return Undo(ActId(self.act))


ActionOrder = Annotated[
    ConfirmOrder
    | OverrideOrder
    | AnnulOrder
    | ReinstateOrder
    | RerunOrder
    | ReturnOrder
    | PenaliseOrder
    | DisqualifyOrder
    | StatusOrder
    | HoldOrder
    | RemoveOrder
    | StopClockOrder
    | StartClockOrder
    | StepOrder
    | ReopenOrder
    | UndoOrder,
    Field(discriminator="verb"),
]


class RulingOrder(Statement):
    """A ruling. `basis` is that of the case that was looked at; `flags` are the keys of the questions that it answers."""

    contestant: Name | None = None
    stage: Name | None = None
    attempt: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    action: ActionOrder
    code: ReasonCode
    reason: str = Field(max_length=1_000)
    basis: Annotated[str, StringConstraints(max_length=128)] | None = None
    flags: list[Annotated[str, StringConstraints(min_length=1, max_length=64)]] = Field(default=[], max_length=1_000)
    appeal: ActName | None = None

    def ruling(self, official: OfficialId, now_us: int) -> Ruled:
        """The act, without what the server adds (its moment, and what makes a second person necessary)."""
        return Ruled(
            id=ActId(self.id),
            at_us=now_us,
            official=official,
            action=self.action.action(now_us),
            code=self.code,
            reason=self.reason.strip(),
            contestant=None if self.contestant is None else ContestantId(self.contestant),
            stage=None if self.stage is None else StageId(self.stage),
            attempt=None if self.attempt is None else AttemptId(self.attempt),
            flags=tuple(dict.fromkeys(self.flags)),
            appeal=None if self.appeal is None else ActId(self.appeal),
        )

    def repeated(self, ruling: Ruled, before: Ruled | None) -> Ruled:
        """The ruling as it was when it was sent first: what has no time of its own happened then, not now."""
        order = self.action
        untimed = isinstance(order, (HoldOrder, StopClockOrder)) and order.from_ is None
        if not (untimed or (isinstance(order, StartClockOrder) and order.at is None)):
            return ruling
        if before is None or type(before.action) is not type(ruling.action):
            return replace(ruling, action=order.action(ruling.at_us))
        return replace(ruling, action=before.action)
