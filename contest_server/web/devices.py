"""Tokens over HTTP: listed, issued, rotated, revoked. A secret is answered once. Directors issue for venues and displays only."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from contest_server.core.facts import ContestId, VenueId
from contest_server.core.roles import role_of
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us, us_of
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.tokens import Issued, RotatedAlready, Token, WrongScope
from contest_server.web.callers import Caller, author_of, is_admin
from contest_server.web.control import iso_8601
from contest_server.web.errors import ApiError, NotAllowed, sentence_of
from contest_server.web.house import House, house_of
from contest_server.web.rights import caller_of, needs
from contest_server.wire.limits import TIME_MAX_US

log = structlog.get_logger()

router = APIRouter(prefix="/api", tags=["tokens"])

HouseNeeded = Annotated[House, Depends(house_of)]
When = Annotated[AwareDatetime, BeforeValidator(iso_8601)]

OF_DIRECTORS = ("venue", "display")
"""The roles of tokens that a contest's director may issue, rotate and revoke."""
GRACE_S = 600
GRACE_MAX_S = 86_400
HERE = "/contests/{contest}/tokens"


class TokenOrder(BaseModel):
    """For whom, and what it is for, so that one knows later which one to revoke. It ends by itself at `expires`."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["venue", "display", "director", "auditor", "staff"] = "venue"
    venue: str | None = Field(default=None, min_length=1, max_length=64)
    label: str = Field(default="", max_length=64)
    expires: When | None = None


class AdminOrder(BaseModel):
    """A token for everything."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["admin"]
    label: str = Field(default="", max_length=64)
    expires: When | None = None


class RotateOrder(BaseModel):
    """How long the old secret goes on."""

    model_config = ConfigDict(extra="forbid")

    grace_s: int = Field(default=GRACE_S, ge=0, le=GRACE_MAX_S)


@router.get(HERE, dependencies=[needs("tokens.change")])
async def tokens_of_contest(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """The tokens of this contest, oldest first; never a secret. For its directors."""
    return {"tokens": [_document(each, house.now_us()) for each in await house.stores.tokens.all(ContestId(contest))]}


@router.post(HERE, status_code=201, dependencies=[needs("tokens.change")])
async def issue_token(request: Request, contest: str, order: TokenOrder, house: HouseNeeded) -> dict[str, Any]:
    """Issue a token; `secret` is answered once and never again. Directors may issue those of venues and displays, an administrator all."""
    caller = caller_of(request)
    _check_role(caller, order.role)
    await _check_venue(house, contest, order)
    venue = None if order.venue is None else VenueId(order.venue)
    expires_us = _expires_us(order.expires, house.now_us())
    try:
        issued = await house.stores.tokens.issue(order.role, house.now_us(), ContestId(contest), venue, order.label, expires_us=expires_us)
    except LimitExceeded as error:
        raise _too_many(error) from None
    return _told(issued, caller, house.now_us())


@router.post(HERE + "/{token}/rotate", status_code=201, dependencies=[needs("tokens.change")])
async def rotate_token(request: Request, contest: str, token: str, order: RotateOrder, house: HouseNeeded) -> dict[str, Any]:
    """A new secret in the place of the old one, which goes on for `grace_s`, so that the device can be given the new one in peace."""
    found = await _found(house, token, ContestId(contest))
    _check_role(caller_of(request), found.role)
    return await _rotate(house, found, order, caller_of(request))


@router.delete(HERE + "/{token}", dependencies=[needs("tokens.change")])
async def revoke_token(request: Request, contest: str, token: str, house: HouseNeeded) -> dict[str, Any]:
    """Revoke a token of this contest; its open sockets end within seconds."""
    found = await _found(house, token, ContestId(contest))
    _check_role(caller_of(request), found.role)
    return await _revoke(house, found, caller_of(request))


# ---- for administrators ----------------------------------------------------------------------------------------------------------


@router.get("/tokens", dependencies=[needs("tokens.all")])
async def all_tokens(house: HouseNeeded) -> dict[str, Any]:
    """Every token of every contest, and those of administrators. For administrators."""
    return {"tokens": [_document(each, house.now_us()) for each in await house.stores.tokens.all()]}


@router.post("/tokens", status_code=201, dependencies=[needs("tokens.all")])
async def issue_admin_token(request: Request, order: AdminOrder, house: HouseNeeded) -> dict[str, Any]:
    """Issue a token of an administrator; `secret` is answered once. For administrators."""
    expires_us = _expires_us(order.expires, house.now_us())
    try:
        issued = await house.stores.tokens.issue(order.role, house.now_us(), label=order.label, expires_us=expires_us)
    except (LimitExceeded, WrongScope) as error:
        raise _too_many(error) from None
    return _told(issued, caller_of(request), house.now_us())


@router.post("/tokens/{token}/rotate", status_code=201, dependencies=[needs("tokens.all")])
async def rotate_any_token(request: Request, token: str, order: RotateOrder, house: HouseNeeded) -> dict[str, Any]:
    """As for the tokens of a contest. For administrators."""
    return await _rotate(house, await _found(house, token), order, caller_of(request))


@router.delete("/tokens/{token}", dependencies=[needs("tokens.all")])
async def revoke_any_token(request: Request, token: str, house: HouseNeeded) -> dict[str, Any]:
    """As for the tokens of a contest. For administrators."""
    return await _revoke(house, await _found(house, token), caller_of(request))


def _check_role(caller: Caller, word: str) -> None:
    """Raises NotAllowed where this is an administrator's to issue or revoke."""
    if role_of(word) not in OF_DIRECTORS and not is_admin(caller):
        raise NotAllowed(Said("only an administrator issues, rotates and revokes tokens of other roles than venue and display"))


async def _check_venue(house: House, contest: str, order: TokenOrder) -> None:
    """Raises ApiError where the venue is missing, or none of this contest."""
    definition = (await house.desks.desk(ContestId(contest))).contest.definition
    venues = [] if definition is None else [each.id for each in definition.venues]
    if (order.role == "venue") != (order.venue is not None):
        raise ApiError(400, "bad_request", Said("venue: a venue's token names its venue, others name none"))
    if order.venue is not None and order.venue not in venues:
        raise ApiError(
            404,
            "unknown_venue",
            Said("contest {contest!r} has no venue {venue!r}; it has {venues}", contest=contest, venue=order.venue, venues=venues),
        )


def _expires_us(expires: datetime | None, now_us: int) -> int | None:
    if expires is None:
        return None
    if not now_us < us_of(expires) <= TIME_MAX_US:
        raise ApiError(400, "bad_request", Said("expires: expected a time after now and before 2255"))
    return us_of(expires)


async def _found(house: House, token: str, contest: ContestId | None = None) -> Token:
    """The token in force with this id. Raises ApiError."""
    known, now_us = await house.stores.tokens.all(contest), house.now_us()
    found = next((each for each in known if each.id == token and each.is_in_force(now_us)), None)
    if found is None:
        raise ApiError(
            404,
            "no_token",
            Said("no token {token!r}{value} is in force", token=token, value=Said(" of {contest!r}", contest=contest) if contest else ""),
        )
    return found


async def _rotate(house: House, token: Token, order: RotateOrder, caller: Caller) -> dict[str, Any]:
    try:
        issued = await house.stores.tokens.rotate(token.id, house.now_us(), order.grace_s * 1_000_000)
    except RotatedAlready as error:
        raise ApiError(409, "rotated_already", sentence_of(error)) from None
    except LimitExceeded as error:
        raise _too_many(error) from None
    if issued is None:
        raise ApiError(404, "no_token", Said("no token {id!r} is in force", id=token.id))
    return _told(issued, caller, house.now_us())


async def _revoke(house: House, token: Token, caller: Caller) -> dict[str, Any]:
    await house.stores.tokens.revoke(token.id, house.now_us())
    log.info("token revoked", contest=token.contest, token=token.id, author=author_of(caller))
    return {"id": token.id}


def _too_many(error: Exception) -> ApiError:
    return ApiError(409, "too_many_tokens", sentence_of(error))


def _told(issued: Issued, caller: Caller, now_us: int) -> dict[str, Any]:
    token = issued.token
    log.info("token issued", contest=token.contest, role=token.role, venue=token.venue, token=token.id, author=author_of(caller))
    return {**_document(token, now_us), "secret": issued.secret}


def _document(token: Token, now_us: int) -> dict[str, Any]:
    return {
        "id": token.id,
        "role": token.role,
        "contest": token.contest,
        "venue": token.venue,
        "label": token.label,
        "created": text_of_us(token.created_us),
        "expires": None if token.expires_us is None else text_of_us(token.expires_us),
        "follows": token.follows,
        "state": "in_force" if token.is_in_force(now_us) else "revoked" if token.revoked_us is not None else "expired",
    }
