"""People log in once for the whole installation, see what is granted to them, change their password, log out. Refuses guessing."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Request, Response
from msgspec import to_builtins
from pydantic import BaseModel, ConfigDict, Field

from contest_server.core.saying import Said
from contest_server.core.times import text_of_us
from contest_server.ledger.accounts import AccountSession, Grant, UnknownAccount
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.passwords import PASSWORD_MAX_CHARS, TooManyLogins
from contest_server.web.access import session_secret
from contest_server.web.errors import ApiError, NotLoggedIn, sentence_of
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs
from contest_server.web.sessions import address_of, count_try, drop_cookie, let_in, login_keys, not_looked_at

log = structlog.get_logger()

router = APIRouter(prefix="/api", tags=["accounts"])

HouseNeeded = Annotated[House, Depends(house_of)]
Password = Annotated[str, Field(min_length=1, max_length=PASSWORD_MAX_CHARS)]


class Credentials(BaseModel):
    model_config = ConfigDict(extra="forbid")

    account: str = Field(min_length=1, max_length=64)
    password: Password


class PasswordAgain(BaseModel):
    model_config = ConfigDict(extra="forbid")

    password: Password


class PasswordChange(BaseModel):
    """The old one, too: who finds a page open does not take it over."""

    model_config = ConfigDict(extra="forbid")

    old: Password
    new: str = Field(min_length=1, max_length=PASSWORD_MAX_CHARS)


@router.post("/login", dependencies=[needs("session.begin")])
async def log_in(request: Request, response: Response, given: Credentials, house: HouseNeeded) -> dict[str, Any]:
    """Begin a session. Its secret is answered, for programs, and set as a cookie, for pages."""
    whose = ("account", given.account)
    keys = login_keys(request, house, whose)
    count_try(house, keys)
    try:
        begun = await house.stores.accounts.log_in(given.account, given.password, house.now_us())
    except TooManyLogins as error:
        raise not_looked_at(house, keys) from error
    if begun is None:
        known = given.account if await house.stores.accounts.account(given.account) is not None else None
        log.warning("wrong password", account=known, address=address_of(request))  # what is no account may be a password
        raise ApiError(401, "bad_login", Said("this is not the password of an account, or the account is disabled"))
    let_in(request, response, house, whose, keys, begun.secret)
    log.info("logged in", account=begun.session.account, session=begun.session.id, address=address_of(request))
    return {"token": begun.secret, **await _about(house, begun.session)}


@router.post("/login/fresh", dependencies=[needs("account.self")])
async def give_password_again(request: Request, given: PasswordAgain, house: HouseNeeded) -> dict[str, Any]:
    """Make the session fresh again: for a while it may do what needs a password given not long ago."""
    session = await _session(request, house)
    keys: list[Hashable] = [("session", session.id)]
    count_try(house, keys)
    try:
        renewed = await house.stores.accounts.freshen(session, given.password, house.now_us())
    except TooManyLogins as error:
        raise not_looked_at(house, keys) from error
    if renewed is None:
        log.warning("wrong password", account=session.account, address=address_of(request))
        raise ApiError(401, "bad_login", Said("this is not your password"))
    house.tries.forgive(keys)
    return await _about(house, renewed)


@router.post("/logout", dependencies=[needs("session.begin")])
async def log_out(request: Request, response: Response, house: HouseNeeded) -> dict[str, Any]:
    """End the session, and with it its open sockets. Nothing happens for somebody who is not logged in."""
    secret = session_secret(request.headers)
    session = None if secret is None else await house.stores.accounts.look_up(secret, house.now_us())
    if session is not None:
        await house.stores.accounts.end(session.id)
    if secret is not None:  # a page of another site logs nobody out
        drop_cookie(response)
    return {}


@router.get("/me", dependencies=[needs("account.self")])
async def me(request: Request, house: HouseNeeded) -> dict[str, Any]:
    """Whose account it is, what is granted to it, and how long the session lasts."""
    return await _about(house, await _session(request, house))


@router.post("/password", dependencies=[needs("account.self")])
async def change_password(request: Request, given: PasswordChange, house: HouseNeeded) -> dict[str, Any]:
    """Change the own password. All other sessions of this account end."""
    session = await _session(request, house)
    keys: list[Hashable] = [("session", session.id)]
    count_try(house, keys)
    try:
        if not await house.stores.accounts.is_password(session.account, given.old):
            log.warning("wrong password", account=session.account, address=address_of(request))
            raise ApiError(401, "bad_login", Said("old: this is not your password"))
        house.tries.forgive(keys)
        await house.stores.accounts.set_password(session.account, given.new, house.now_us(), keep=session.id)
    except TooManyLogins as error:
        raise not_looked_at(house, keys) from error
    except LimitExceeded as error:
        raise ApiError(400, "bad_request", Said("new: {error}", error=sentence_of(error))) from None
    except UnknownAccount as error:
        raise NotLoggedIn(sentence_of(error)) from None
    log.info("password changed", account=session.account)
    return await _about(house, session)


def grant_document(grant: Grant) -> dict[str, Any]:
    """A grant as JSON: the role, and what it holds for."""
    document: dict[str, Any] = to_builtins(grant)
    return document


async def _session(request: Request, house: House) -> AccountSession:
    session = await house.stores.accounts.look_up(session_secret(request.headers) or "", house.now_us())
    if session is None:
        raise NotLoggedIn(Said("the session is over; log in again"))
    return session


async def _about(house: House, session: AccountSession) -> dict[str, Any]:
    account = await house.stores.accounts.account(session.account)
    return {
        "account": session.account,
        "name": None if account is None else account.name,
        "has_password": account is not None and account.has_password,
        "grants": [grant_document(each) for each in session.grants],
        "fresh_since": text_of_us(session.fresh_us),
        "expires": text_of_us(session.expires_us),
    }
