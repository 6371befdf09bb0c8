"""Officials log in and out, and say who they are. Refuses guessing: ten wrong passwords, and the next are not even looked at."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from contest_server.core.definition import Definition
from contest_server.core.definition_reading import official_key
from contest_server.core.facts import ContestId, Json, OfficialId
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us
from contest_server.ledger.accounts import AccountSession
from contest_server.ledger.officials import Begun, Session
from contest_server.ledger.passwords import PASSWORD_MAX_CHARS, TooManyLogins
from contest_server.web.access import session_secret, session_with
from contest_server.web.callers import Person, official_in, person_in, persons_in
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs, official_of
from contest_server.web.sessions import address_of, count_try, drop_cookie, let_in, login_keys, not_looked_at

log = structlog.get_logger()

router = APIRouter(prefix="/api/contests/{contest}", tags=["officials"])

HouseNeeded = Annotated[House, Depends(house_of)]


class Credentials(BaseModel):
    model_config = ConfigDict(extra="forbid")

    official: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=PASSWORD_MAX_CHARS)


class PasswordAgain(BaseModel):
    model_config = ConfigDict(extra="forbid")

    password: str = Field(min_length=1, max_length=PASSWORD_MAX_CHARS)


@router.post("/login", dependencies=[needs("session.begin")])
async def log_in(request: Request, response: Response, contest: str, given: Credentials, house: HouseNeeded) -> dict[str, Any]:
    """Begin a session. Its secret is answered, for programs, and set as a cookie, for pages."""
    definition = await _definition(house, contest)
    name = OfficialId(given.official)
    whose = (contest, "official", name)
    keys = login_keys(request, house, whose)
    count_try(house, keys)
    try:
        begun = await house.stores.officials.log_in(ContestId(contest), name, given.password, house.now_us())
    except TooManyLogins as error:
        raise not_looked_at(house, keys) from error
    person = None if begun is None else person_in(definition, begun.session, house.now_us())
    if begun is None or person is None:
        await _turn_away(request, house, definition, given, begun)
        raise ApiError(401, "bad_login", Said("this is not the password of an official of this contest"))
    let_in(request, response, house, whose, keys, begun.secret)
    return {"token": begun.secret, **await _about(house, contest, person)}


@router.post("/login/fresh", dependencies=[needs("official.self")])
async def give_password_again(request: Request, contest: str, given: PasswordAgain, house: HouseNeeded) -> dict[str, Any]:
    """Make the session fresh again: for a while it may do what needs a password given not long ago."""
    person = official_of(request)
    session = await session_with(session_secret(request.headers) or "", house)
    keys: list[Hashable] = [("session", person.session_id)]
    count_try(house, keys)
    try:
        renewed = await _freshen(house, session, given.password)
    except TooManyLogins as error:
        raise not_looked_at(house, keys) from error
    if renewed is None:
        log.warning("wrong password", contest=contest, official=person.id, address=address_of(request))
        raise ApiError(401, "bad_login", Said("this is not your password"))
    house.tries.forgive(keys)
    fresh = persons_in(await _definition(house, contest), renewed, house.now_us())
    return await _about(house, contest, next((each for each in fresh if each.id == person.id), person))


async def _freshen(house: House, session: Session | AccountSession | None, password: str) -> Session | AccountSession | None:
    """The session as it is after the password was given again; None if it was the wrong one, or the session is over."""
    if session is None:
        return None
    if isinstance(session, AccountSession):
        return await house.stores.accounts.freshen(session, password, house.now_us())
    return await house.stores.officials.freshen(session, password, house.now_us())


@router.post("/logout", dependencies=[needs("session.begin")])
async def log_out(request: Request, response: Response, contest: str, house: HouseNeeded) -> dict[str, Any]:
    """End the session, and with it its open sockets. Nothing happens for somebody who is not logged in."""
    secret = session_secret(request.headers)
    session = None if secret is None else await session_with(secret, house)
    if isinstance(session, AccountSession):
        await house.stores.accounts.end(session.id)
    elif session is not None and session.contest == contest:
        await house.stores.officials.end(session.id)
    if secret is not None:  # a page of another site logs nobody out
        drop_cookie(response)
    return {}


@router.get("/me", dependencies=[needs("official.self")])
async def me(request: Request, contest: str, house: HouseNeeded) -> dict[str, Any]:
    """Who is asking, and how long the session lasts."""
    return await _about(house, contest, official_of(request))


@router.get("/officials", dependencies=[needs("cases.read")])
async def officials(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """Every official of the contest. For officials."""
    return {"officials": await _all(house, contest)}


@router.get("/officials/public", dependencies=[needs("contest.read")])
async def officials_to_choose_from(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """Ids and names, for the page where officials log in."""
    return {"officials": [{"id": each["id"], "name": each["name"]} for each in await _all(house, contest)]}


async def is_witness(house: House, contest: ContestId, official: OfficialId, password: str) -> bool:
    """Whether this official gave their password, on the device of somebody else. Wrong ones are counted like those of logins.

    Raises:
        ApiError: 429, too many were wrong.
    """
    keys: list[Hashable] = [(contest, "official", official)]
    count_try(house, keys)
    try:
        is_theirs = await house.stores.officials.is_password(contest, official, password)
        is_theirs = is_theirs or await house.stores.accounts.is_password_of_official(contest, official, password)
    except TooManyLogins as error:
        raise not_looked_at(house, keys) from error
    if is_theirs:
        house.tries.forgive(keys)
    return is_theirs


async def _turn_away(request: Request, house: House, definition: Definition, given: Credentials, begun: Begun | None) -> None:
    """Note it, without what may be a password in the wrong field. Who has a password, but is no official any more, gets no session."""
    if begun is not None:
        await house.stores.officials.end(begun.session.id)
    known = given.official if official_in(definition, given.official) else None
    log.warning("wrong password", contest=definition.contest.id, official=known, address=address_of(request))


async def _definition(house: House, contest: str) -> Definition:
    definition = (await house.desks.desk(ContestId(contest))).contest.definition
    if definition is None:
        raise ApiError(404, "no_definition", Said("contest {contest!r} has no definition yet; adopt one", contest=contest))
    return definition


async def _all(house: House, contest: str) -> list[Json]:
    definition = await _definition(house, contest)
    names = await _names(house, contest)
    return [{"id": each.id, "role": each.role, "venue": each.venue, "name": names.get(each.id)} for each in definition.officials]


async def _names(house: House, contest: str) -> dict[str, Json | None]:
    """The names of officials, by id."""
    roster = await house.rosters.of(ContestId(contest))
    keys = official_key("")
    return {each.contestant.removeprefix(keys): each.document.get("name") for each in roster.people if each.contestant.startswith(keys)}


async def _about(house: House, contest: str, person: Person) -> dict[str, Any]:
    name = (await _names(house, contest)).get(person.id)
    return {
        "official": {"id": person.id, "role": person.role, "venue": person.venue, "name": name},
        "fresh_until": text_of_us(person.fresh_until_us),
        "expires": text_of_us(person.expires_us),
    }
