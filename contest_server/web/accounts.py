"""Accounts over HTTP, for administrators: added, granted roles, disabled. A password that the server made is answered once."""

from __future__ import annotations

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contest_server.core.definition import Definition
from contest_server.core.facts import ContestId
from contest_server.core.roles import Role, Scope, WrongScope
from contest_server.core.saying import Coded, Said
from contest_server.core.times import text_of_us
from contest_server.ledger.accounts import Account, BadAccount, LastAdmin, UnknownAccount
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.passwords import PASSWORD_MAX_CHARS, TooManyLogins, check_password, new_password
from contest_server.web.callers import author_of
from contest_server.web.errors import ApiError, sentence_of
from contest_server.web.house import House, house_of
from contest_server.web.own_account import grant_document
from contest_server.web.rights import caller_of, needs
from contest_server.web.sessions import too_busy

log = structlog.get_logger()

router = APIRouter(prefix="/api/accounts", tags=["accounts"])

HouseNeeded = Annotated[House, Depends(house_of)]
AccountName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._\-]{0,63}$")]
Id = Annotated[str, Field(min_length=1, max_length=64)]


class AccountOrder(BaseModel):
    """Who gets an account. `email` and `subject` are how an identity provider knows them, where there is one."""

    model_config = ConfigDict(extra="forbid")

    account: AccountName
    name: str = Field(min_length=1, max_length=100)
    email: str | None = Field(default=None, min_length=3, max_length=200)
    subject: str | None = Field(default=None, min_length=1, max_length=200)
    password: str | None = Field(default=None, min_length=1, max_length=PASSWORD_MAX_CHARS)
    """Without one the server makes one, unless an identity provider is to let them in."""


class PasswordOrder(BaseModel):
    """Without a password the server makes one."""

    model_config = ConfigDict(extra="forbid")

    password: str | None = Field(default=None, min_length=1, max_length=PASSWORD_MAX_CHARS)


class GrantOrder(BaseModel):
    """A role and what it holds for; directors and auditors may have all contests."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    contest: Id | None = None
    venue: Id | None = None
    official: Id | None = None
    contestant: Id | None = None


@router.get("", dependencies=[needs("accounts.change")])
async def accounts(house: HouseNeeded) -> dict[str, Any]:
    """Every account with what is granted to it."""
    return {"accounts": [_document(each) for each in await house.stores.accounts.all()]}


@router.post("", status_code=201, dependencies=[needs("accounts.change")])
async def add_account(request: Request, order: AccountOrder, house: HouseNeeded) -> dict[str, Any]:
    """Add an account, without any role. A password that the server made is answered once."""
    made = new_password() if order.password is None and order.email is None and order.subject is None else None
    try:
        if order.password is not None:
            check_password(order.password)
        await house.stores.accounts.add(order.account, order.name, house.now_us(), email=order.email, subject=order.subject)
    except BadAccount as error:
        raise ApiError(409, "account_taken", sentence_of(error)) from None
    except LimitExceeded as error:
        raise ApiError(400, "bad_request", sentence_of(error)) from None
    if (password := made or order.password) is not None:
        await _set_password(house, order.account, password)
    log.info("account added", account=order.account, author=author_of(caller_of(request)))
    return {**await _one(house, order.account), **({"password": made} if made else {})}


@router.post("/{account}/password", dependencies=[needs("accounts.change")])
async def set_password(request: Request, account: str, order: PasswordOrder, house: HouseNeeded) -> dict[str, Any]:
    """Give an account another password, which ends its sessions. One that the server made is answered once."""
    made = new_password() if order.password is None else None
    await _set_password(house, account, made or order.password or "")
    log.info("password set", account=account, author=author_of(caller_of(request)))
    return {"account": account, **({"password": made} if made else {})}


@router.post("/{account}/grants", status_code=201, dependencies=[needs("accounts.change")])
async def grant(request: Request, account: str, order: GrantOrder, house: HouseNeeded) -> dict[str, Any]:
    """Grant a role. Granted again it changes nothing."""
    if order.contest is not None:
        definition = (await house.desks.desk(ContestId(order.contest))).contest.definition
        check_in_definition(definition, order.contest, order.venue, order.official, order.contestant)
    scope = Scope(order.contest, order.venue, order.official, order.contestant)
    try:
        given = await house.stores.accounts.grant(account, order.role, scope, house.now_us())
    except UnknownAccount as error:
        raise ApiError(404, "unknown_account", sentence_of(error)) from None
    except (WrongScope, LimitExceeded) as error:
        raise ApiError(400, "bad_request", sentence_of(error)) from None
    log.info("role granted", account=account, author=author_of(caller_of(request)), **grant_document(given))
    return grant_document(given)


@router.delete("/{account}/grants/{grant_id}", dependencies=[needs("accounts.change")])
async def take_back(request: Request, account: str, grant_id: str, house: HouseNeeded) -> dict[str, Any]:
    """Take a grant back. Sockets that rest on it end within seconds."""
    try:
        await house.stores.accounts.take(account, grant_id)
    except UnknownAccount as error:
        raise ApiError(404, "unknown_account", sentence_of(error)) from None
    except LastAdmin as error:
        raise ApiError(409, "last_admin", sentence_of(error)) from None
    log.info("role taken back", account=account, grant=grant_id, author=author_of(caller_of(request)))
    return await _one(house, account)


@router.post("/{account}/disable", dependencies=[needs("accounts.change")])
async def disable(request: Request, account: str, house: HouseNeeded) -> dict[str, Any]:
    """Let this account in no more, and end its sessions and sockets. What is granted to it stays."""
    try:
        await house.stores.accounts.disable(account, house.now_us())
    except UnknownAccount as error:
        raise ApiError(404, "unknown_account", sentence_of(error)) from None
    except LastAdmin as error:
        raise ApiError(409, "last_admin", sentence_of(error)) from None
    log.info("account disabled", account=account, author=author_of(caller_of(request)))
    return await _one(house, account)


@router.post("/{account}/enable", dependencies=[needs("accounts.change")])
async def enable(request: Request, account: str, house: HouseNeeded) -> dict[str, Any]:
    """Let this account in again."""
    try:
        await house.stores.accounts.enable(account, house.now_us())
    except UnknownAccount as error:
        raise ApiError(404, "unknown_account", sentence_of(error)) from None
    log.info("account enabled", account=account, author=author_of(caller_of(request)))
    return await _one(house, account)


def check_in_definition(
    definition: Definition | None, contest: str, venue: str | None, official: str | None, contestant: str | None
) -> None:
    """Raises ApiError where the definition of this contest has no such venue, official or contestant."""
    wanted = (
        ("venue", venue, () if definition is None else definition.venues),
        ("official", official, () if definition is None else definition.officials),
        ("contestant", contestant, () if definition is None else definition.contestants),
    )
    for what, name, known in wanted:
        if name is not None and name not in {each.id for each in known}:
            raise ApiError(
                404,
                f"unknown_{what}",
                Said("the definition of {contest!r} has no {what} {name!r}", contest=contest, what=Coded("account", what), name=name),
            )


async def _set_password(house: House, account: str, password: str) -> None:
    try:
        await house.stores.accounts.set_password(account, password, house.now_us())
    except UnknownAccount as error:
        raise ApiError(404, "unknown_account", sentence_of(error)) from None
    except LimitExceeded as error:
        raise ApiError(400, "bad_request", Said("password: {error}", error=sentence_of(error))) from None
    except TooManyLogins as error:
        raise too_busy() from error


async def _one(house: House, account: str) -> dict[str, Any]:
    found = await house.stores.accounts.account(account)
    if found is None:
        raise ApiError(404, "unknown_account", Said("there is no account {account!r}", account=account))
    return _document(found)


def _document(account: Account) -> dict[str, Any]:
    return {
        "account": account.id,
        "name": account.name,
        "email": account.email,
        "subject": account.subject,
        "has_password": account.has_password,
        "created": text_of_us(account.created_us),
        "disabled": None if account.disabled_us is None else text_of_us(account.disabled_us),
        "grants": [grant_document(each) for each in account.grants],
    }
