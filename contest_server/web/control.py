"""What officials do with a contest: its clock, the freeze, the end, a contestant's status. Every action is an entry with its author."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from contest_server.core.contest import Contest
from contest_server.core.facts import Clock, ContestantId, ContestId, Draft, Fact, Finalised, Frozen, Standing, Status, Thawed
from contest_server.core.finalising import reasons_against_finalising
from contest_server.core.saying import Said
from contest_server.core.times import us_of
from contest_server.web.callers import author_of
from contest_server.web.control_room import start_reasons
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.reasons import reasons_document
from contest_server.web.rights import caller_of, needs
from contest_server.wire.limits import TIME_MAX_US

router = APIRouter(prefix="/api/contests/{contest}", tags=["control"])

HouseNeeded = Annotated[House, Depends(house_of)]


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")


def iso_8601(value: object) -> object:
    """Only as text with a date and a time: a bare number would be read as seconds since 1970."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\dT", value):
        raise ValueError(Said("expected ISO 8601 with a zone, such as 2026-11-22T09:03:12Z"))
    return value


class ClockOrder(Order):
    """`at` is when it happened (now, if left out); `minutes` belongs to extend and may be negative. With `within_policy` it is started only
    if a device of every venue is connected, and all their clocks are within the policy.
    """

    action: Literal["start", "pause", "resume", "extend", "end"]
    at: Annotated[AwareDatetime, BeforeValidator(iso_8601)] | None = None
    minutes: int = Field(default=0, ge=-10_000, le=10_000)
    within_policy: bool = False


class FreezeOrder(Order):
    """`minutes` before the end, for the phrase on the board; what is left of the contest, if left out."""

    minutes: int | None = Field(default=None, ge=0, le=10_000)


class StandingOrder(Order):
    contestant: str = Field(min_length=1, max_length=64)
    status: Status
    reason: str = Field(min_length=3, max_length=400)


@router.post("/clock", dependencies=[needs("clock.set")])
async def set_clock(request: Request, contest: str, order: ClockOrder, house: HouseNeeded) -> dict[str, Any]:
    """Start, pause, resume, extend or end the contest. For staff."""
    at: datetime | None = order.at
    at_us = house.now_us() if at is None else us_of(at)
    if not 0 <= at_us <= TIME_MAX_US:
        raise ApiError(400, "bad_request", Said("at: out of range; expected a time from 1970 to 2255"))

    devices = await house.roll.devices(ContestId(contest)) if order.within_policy else None

    def say(now: Contest, _: int) -> Clock:
        against = [] if devices is None or order.action != "start" else start_reasons(now, devices)
        if against:
            raise ApiError(409, "clocks", Said("not every venue is connected with its clocks inside the policy"), against=against)
        return Clock(order.action, at_us, order.minutes * 60_000)

    return await _enter(request, contest, house, say)


@router.post("/freeze", dependencies=[needs("board.freeze")])
async def freeze(request: Request, contest: str, order: FreezeOrder, house: HouseNeeded) -> dict[str, Any]:
    """Freeze the public board at the position of this entry. For staff."""

    def say(now: Contest, now_us: int) -> Frozen:
        if now.frozen is not None:
            raise ApiError(409, "frozen_already", Said("the board is frozen since position {position}", position=now.frozen.position))
        left_ms = max(0, (now.clock.duration_ms or 0) - now.clock.elapsed_ms(now_us))
        return Frozen(-(-left_ms // 60_000) if order.minutes is None else order.minutes)

    return await _enter(request, contest, house, say)


@router.post("/thaw", dependencies=[needs("board.freeze")])
async def thaw(request: Request, contest: str, house: HouseNeeded) -> dict[str, Any]:
    """Show everything to the public again. For staff."""
    return await _enter(request, contest, house, lambda *_: Thawed())


@router.post("/finalise", dependencies=[needs("result.finalise")])
async def finalise(request: Request, contest: str, house: HouseNeeded) -> dict[str, Any]:
    """Declare the result final; refused with every reason against it. For the chief referee, and staff."""

    def say(now: Contest, now_us: int) -> Finalised:
        reasons = reasons_against_finalising(now, now_us)
        if reasons:
            detail = Said("{reasons:;}", reasons=[each.detail for each in reasons])
            raise ApiError(409, "not_yet_final", detail, reasons=reasons_document(reasons))
        return Finalised()

    await (await house.desks.desk(ContestId(contest))).queue.questions()  # in short turns; what is still true of it costs nothing then
    return await _enter(request, contest, house, say)


@router.post("/standings", dependencies=[needs("standing.set")])
async def set_standing(request: Request, contest: str, order: StandingOrder, house: HouseNeeded) -> dict[str, Any]:
    """Set a contestant's status (DNS, DSQ, …), with the reason. For staff."""

    def say(now: Contest, _: int) -> Standing:
        if order.contestant not in now.sheets:
            raise ApiError(404, "unknown_contestant", Said("{contestant!r} is not in the definition", contestant=order.contestant))
        return Standing(ContestantId(order.contestant), order.status, order.reason)

    return await _enter(request, contest, house, say)


async def _enter(request: Request, contest: str, house: House, say: Callable[[Contest, int], Fact]) -> dict[str, Any]:
    """Let staff put into the ledger what `say` says of the contest as it is at that position (and time, in µs); returns the position once
    it is durable. Raises what `say` raises.
    """
    who = caller_of(request)
    desk = await house.desks.desk(ContestId(contest))

    def decide(now: Contest) -> list[Draft]:
        if now.final:
            raise ApiError(409, "final", Said("the result is final since position {position}", position=now.final_at))
        now_us = house.now_us()
        return [Draft(now_us, author_of(who), say(now, now_us))]

    return {"position": await desk.decide(decide)}
