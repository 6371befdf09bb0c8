"""Screens for whoever directs: what each shows and says that it shows, and the orders. Every order is an entry with its author."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import Field

from contest_server.core.contest import Contest
from contest_server.core.facts import ContestId, Directed, Draft
from contest_server.core.json_words import json_fault
from contest_server.core.orders import DEFAULT, Assign, At, Follow, Order, Sequence, TakeBack
from contest_server.core.programs import Program, contestants_in, document_of, venues_in
from contest_server.core.saying import Said
from contest_server.core.staging import Channel, Given, Showing
from contest_server.core.times import text_of_us, us_of
from contest_server.ledger.tokens import Token
from contest_server.web.callers import author_of
from contest_server.web.entering import Statement
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.rights import caller_of, needs
from contest_server.web.screen_sockets import Report

router = APIRouter(prefix="/api/contests/{contest}", tags=["screens"])

HouseNeeded = Annotated[House, Depends(house_of)]
_orders: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)
_report = msgspec.json.Decoder(Report).decode
_, _SCHEMAS = msgspec.json.schema_components([Order], ref_template="#/components/schemas/{name}")


class ScreenOrder(Statement):
    """`order` is an object with a `verb`: assign, follow, hide, show, identify, reload, message, sequence, at, stop, undo."""

    order: dict[str, Any] = Field(examples=[{"verb": "assign", "program": {"scene": "ranking"}}])


@router.get("/screens", dependencies=[needs("screens.direct")])
async def screens(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """Every screen of the contest: what it is to show, what it says that it shows; the default, and what was ordered lately."""
    desk, now_us = await house.desks.desk(ContestId(contest)), house.now_us()
    reports = await house.stores.notes.all(ContestId(contest), "screen", now_us)
    tokens = await _tokens(house, ContestId(contest))
    staging = desk.contest.staging
    return {
        "position": desk.contest.position,
        "now": text_of_us(now_us),
        "default": _screen(desk.contest, DEFAULT, now_us),
        "screens": [_paired(desk.contest, each, reports.get(each.id), now_us) for each in tokens],
        "log": [_given(each) for each in reversed(staging.log)],
    }


@router.get("/direction", dependencies=[needs("board.read")])
async def direction(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """What is shown by every screen that was told nothing else; for pages that follow without being paired."""
    desk, now_us = await house.desks.desk(ContestId(contest)), house.now_us()
    return {"position": desk.contest.position, "now": text_of_us(now_us), **_screen(desk.contest, DEFAULT, now_us)}


@router.post("/screens/{screen}/orders", dependencies=[needs("screens.direct")])
async def order_screen(request: Request, contest: str, screen: str, order: ScreenOrder, house: HouseNeeded) -> dict[str, Any]:
    """Order something of a screen, or of `default`: what every screen shows that was told nothing else."""
    author = author_of(caller_of(request))
    wanted = read_order(order.order)
    desk = await house.desks.desk(ContestId(contest))
    await _check_screen(house, ContestId(contest), screen)

    def decide(now: Contest) -> list[Draft]:
        if order.id in now.staging.ids:
            return []
        check_order(now, screen, wanted)
        return [Draft(house.now_us(), author, Directed(order.id, screen, wanted))]

    await desk.decide(decide)
    showing = desk.contest.staging.now(screen, house.now_us())
    return {"position": desk.contest.staging.ids[order.id], "program": document_of(showing.program), "hidden": showing.hidden}


def read_order(document: dict[str, Any]) -> Order:
    """An order as it was sent; `at` has its `time` as ISO 8601. Raises ApiError."""
    document = dict(document)
    if document.get("verb") == "at" and "time" in document:
        document["at_us"] = _moment(document.pop("time"))
    try:
        return _orders.decode(msgspec.json.encode(document))
    except (msgspec.MsgspecError, RecursionError, ValueError, TypeError) as error:
        raise ApiError(400, "bad_order", Said("the order is not understood: {reason}", reason=json_fault(error))) from None


def _moment(text: object) -> int:
    try:
        moment = datetime.fromisoformat(str(text))
        if moment.tzinfo is not None:
            return us_of(moment)
    except (ValueError, OverflowError):
        pass
    raise ApiError(400, "bad_order", Said("time: expected ISO 8601 with a zone, such as 2026-11-22T09:03:12Z"))


def check_order(contest: Contest, screen: str, order: Order) -> None:
    """Raises ApiError where this contest has no such contestant or venue, or there is nothing to take back, or nothing to follow."""
    if isinstance(order, TakeBack) and not contest.staging.undoable(screen):
        raise ApiError(409, "nothing_to_undo", Said("no order of this screen can be taken back"))
    if isinstance(order, Follow) and screen == DEFAULT:
        raise ApiError(400, "bad_order", Said("the default follows nothing; assign a program"))
    venues = {each.id for each in contest.definition.venues} if contest.definition else set()
    for program in _programs(order):
        for contestant in contestants_in(program):
            if contestant not in contest.rows:
                raise ApiError(404, "unknown_contestant", Said("{contestant!r} is not in the definition", contestant=contestant))
        for venue in venues_in(program):
            if venue not in venues:
                raise ApiError(404, "unknown_venue", Said("{venue!r} is no venue of this contest", venue=venue))


def _programs(order: Order) -> Iterator[Program]:
    match order:
        case Assign(program=program) | At(program=program):
            yield program
        case Sequence(steps=steps):
            yield from (each.program for each in steps)


async def _tokens(house: House, contest: ContestId) -> list[Token]:
    """Every paired screen, oldest first."""
    now_us = house.now_us()
    return [each for each in await house.stores.tokens.all(contest) if each.role == "display" and each.is_in_force(now_us)]


async def _check_screen(house: House, contest: ContestId, screen: str) -> None:
    """Raises ApiError where no such screen is paired."""
    if screen != DEFAULT and screen not in [each.id for each in await _tokens(house, contest)]:
        raise ApiError(404, "unknown_screen", Said("no screen {screen!r} of this contest; pair it first", screen=screen[:40]))


# ---- as JSON ---------------------------------------------------------------------------------------------------------------------


def _paired(contest: Contest, token: Token, report: str | None, now_us: int) -> dict[str, Any]:
    return {**_screen(contest, token.id, now_us), "name": token.label, "reported": None if report is None else _reported(report, now_us)}


def _reported(document: str, now_us: int) -> dict[str, Any]:
    """What the screen said of itself, and how long ago (s)."""
    said = _report(document)
    return {
        "scene": said.scene,
        "position": said.position,
        "width": said.width,
        "height": said.height,
        "age_s": max(0.0, round((now_us - said.at_us) / 1e6, 1)),
        "since": text_of_us(said.since_us),
    }


def _screen(contest: Contest, screen: str, now_us: int) -> dict[str, Any]:
    channel = contest.staging.channels.get(screen, Channel())
    stand = channel.stand.at(now_us)
    return {
        "id": screen,
        **_showing(contest.staging.now(screen, now_us)),
        "sequence": msgspec.to_builtins(stand.plan) if isinstance(stand.plan, Sequence) else None,
        "timed": [{"time": text_of_us(each.at_us), "program": document_of(each.program)} for each in stand.timed],
        "can_undo": bool(channel.before),
    }


def _showing(showing: Showing) -> dict[str, Any]:
    words = showing.message
    return {
        "program": document_of(showing.program),
        "since": None if showing.since_us == 0 else text_of_us(showing.since_us),
        "follows": showing.follows,
        "hidden": showing.hidden,
        "message": None if words is None else {"zh": words.zh, "en": words.en, "until": text_of_us(words.until_us)},
        "until": None if showing.until_us is None else text_of_us(showing.until_us),
    }


def _given(given: Given) -> dict[str, Any]:
    order = msgspec.to_builtins(given.order)
    if isinstance(given.order, At):
        order["time"] = text_of_us(order.pop("at_us"))
    at = text_of_us(given.at_us)
    return {"position": given.position, "at": at, "author": given.author, "screen": given.screen, "order": order}
