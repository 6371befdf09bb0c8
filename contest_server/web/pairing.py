"""Screens are let in without anybody typing a secret: the screen shows a code, and whoever directs the contest says whose screen it is.

Refuses guessing: few wrong codes from one person, few open codes for one address.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from contest_server.core.facts import ContestId
from contest_server.core.saying import Said, Text
from contest_server.core.times import text_of_us
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.pairings import CODE_DIGITS, OPEN_US
from contest_server.ledger.tokens import SECRET_MAX_CHARS, Token
from contest_server.web.callers import author_of
from contest_server.web.errors import ApiError, sentence_of
from contest_server.web.house import House, house_of
from contest_server.web.rights import caller_of, needs
from contest_server.web.sessions import address_counted, count_try

log = structlog.get_logger()

router = APIRouter(prefix="/api", tags=["displays"])

HouseNeeded = Annotated[House, Depends(house_of)]
Code = Annotated[str, Path(pattern=rf"^[0-9]{{{CODE_DIGITS}}}$")]

POLL_EVERY_S = 2


class PollOrder(BaseModel):
    """The secret that came with the code."""

    model_config = ConfigDict(extra="forbid")

    secret: str = Field(min_length=1, max_length=SECRET_MAX_CHARS)


class PairOrder(BaseModel):
    """What the screen is called from now on, such as "hall 2, left"."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=64)


@router.post("/displays/pairings", status_code=201, dependencies=[needs("display.ask")])
async def ask_for_code(request: Request, house: HouseNeeded) -> dict[str, Any]:
    """A code for a screen to show, and the secret with which it asks what became of it."""
    keys: list[Hashable] = [("codes", address_counted(request))]
    wait_us = house.codes.wait_us(keys, house.now_us())
    if wait_us > 0:
        raise _too_many("too many codes for one address", wait_us)
    house.codes.count(keys, house.now_us())
    try:
        opened = await house.stores.pairings.open(house.now_us())
    except LimitExceeded as error:
        raise _too_many(sentence_of(error), OPEN_US) from None
    expires = text_of_us(opened.expires_us)
    return {"code": opened.code, "secret": opened.secret, "expires": expires, "poll_every_s": POLL_EVERY_S}


@router.post("/displays/pairings/poll", dependencies=[needs("display.ask")])
async def poll(order: PollOrder, house: HouseNeeded) -> dict[str, Any]:
    """What became of a code. Once somebody has said whose screen it is, its token is answered, once."""
    pairing = await house.stores.pairings.collect(order.secret, house.now_us())
    if pairing is None:
        raise ApiError(404, "no_pairing", Said("this code is over, or its token was answered before; ask for another one"))
    if pairing.contest is None or pairing.name is None:
        return {"state": "waiting", "code": pairing.code, "expires": text_of_us(pairing.expires_us)}
    try:
        issued = await house.stores.tokens.issue("display", house.now_us(), pairing.contest, None, pairing.name)
    except LimitExceeded as error:
        raise ApiError(409, "too_many_tokens", sentence_of(error)) from None
    log.info("display paired", contest=pairing.contest, name=pairing.name, token=issued.token.id)
    return {"state": "paired", "contest": pairing.contest, "name": pairing.name, "token": issued.secret}


@router.post("/contests/{contest}/displays/pairings/{code}", dependencies=[needs("tokens.change")])
async def confirm(request: Request, contest: str, code: Code, order: PairOrder, house: HouseNeeded) -> dict[str, Any]:
    """Say that the screen with this code shows this contest, and what it is called. For whoever directs the contest."""
    caller = caller_of(request)
    await house.desks.desk(ContestId(contest))
    keys: list[Hashable] = [("pairing", author_of(caller))]
    count_try(house, keys)
    try:
        done = await house.stores.pairings.confirm(code, ContestId(contest), order.name, house.now_us())
    except LimitExceeded as error:
        house.tries.take_back(keys)
        raise ApiError(400, "bad_request", sentence_of(error)) from None
    if not done:
        raise ApiError(
            404,
            "no_pairing",
            Said("no screen shows {code}: look again, it changes every {minutes} minutes", code=code, minutes=OPEN_US // 60_000_000),
        )
    house.tries.forgive(keys)
    log.info("display confirmed", contest=contest, name=order.name, author=author_of(caller))
    return {"contest": contest, "name": order.name}


@router.get("/contests/{contest}/displays/me", dependencies=[needs("display.self")])
async def display_itself(request: Request, contest: str) -> dict[str, Any]:
    """What a screen is called. For displays."""
    token = caller_of(request)
    assert isinstance(token, Token), "displays have tokens"
    return {"id": token.id, "contest": contest, "name": token.label}


def _too_many(detail: Text, wait_us: int) -> ApiError:
    return ApiError(429, "too_many_codes", detail, headers={"Retry-After": str(-(-wait_us // 1_000_000))})
