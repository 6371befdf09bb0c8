"""Who is asking: bearer tokens of machines and staff, sessions of officials. Default deny; each is good for its own contest only.

An official's session comes as a bearer token, or as a cookie. A cookie that a page of another site sent along counts as none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, cookie_parser

from contest_server.core.audience import Audience
from contest_server.core.definition import Definition, OfficialDef
from contest_server.core.definition_reading import official_key
from contest_server.core.facts import ContestantId, ContestId, OfficialId, VenueId
from contest_server.ledger.officials import Session
from contest_server.ledger.tokens import Token
from contest_server.web.errors import ApiError, NotAllowed, NotLoggedIn
from contest_server.web.house import House

COOKIE = "contest_session"


@dataclass(frozen=True, slots=True)
class Person:
    """An official who is logged in, as the definition that holds now has them. `is_fresh`: the password was given not long ago."""

    id: OfficialId
    role: Literal["chief", "referee"]
    venue: VenueId | None
    recused: frozenset[ContestantId]
    session_id: str
    is_fresh: bool
    fresh_until_us: int
    expires_us: int


async def token_of(headers: Mapping[str, str], house: House) -> Token | None:
    """The token in the Authorization header, if it is a good one."""
    secret = _bearer(headers)
    return None if secret is None else await house.stores.tokens.look_up(secret)


async def person_of(connection: HTTPConnection, house: House, contest: ContestId) -> Person | None:
    """The official of this contest who is asking, by request or socket; None if nobody is logged in.

    Raises:
        UnknownContest, DeskClosed: only for somebody who has a session there.
    """
    return await _person(connection.headers, house, contest)


async def person_with(secret: str, house: House, contest: ContestId) -> Person | None:
    """The official with this session, for sockets that say hello with it. Raises as `person_of`."""
    session = await house.stores.officials.look_up(secret, house.now_us())
    if session is None or session.contest != contest:
        return None
    definition = (await house.desks.desk(contest)).contest.definition
    return None if definition is None else person_in(definition, session, house.now_us())


def person_in(definition: Definition, session: Session, now_us: int) -> Person | None:
    """The official of a session; None for one whom this definition does not have (any more)."""
    official = official_in(definition, session.official)
    if official is None:
        return None
    fresh_until_us = session.fresh_us + definition.referees.fresh_login_minutes * 60_000_000
    return Person(
        session.official,
        official.role,
        None if official.venue is None else VenueId(official.venue),
        frozenset(map(ContestantId, official.recused)),
        session.id,
        now_us < fresh_until_us,
        min(fresh_until_us, session.expires_us),
        session.expires_us,
    )


def official_in(definition: Definition, official: str) -> OfficialDef | None:
    return next((each for each in definition.officials if each.id == official), None)


async def require_official(
    request: HTTPConnection, house: House, contest: ContestId, *, chief: bool = False, fresh: bool = False
) -> Person:
    """An official of this contest who is logged in; the chief referee, or one whose password was given not long ago, if that is asked.

    Raises:
        NotLoggedIn: 401. NotAllowed: 403, not the chief. ApiError: 403 `not_fresh`.
    """
    person = await person_of(request, house, contest)
    if person is None:
        raise NotLoggedIn("an official has to be logged in: POST …/login with official and password")
    if chief and person.role != "chief":
        raise NotAllowed("only the chief referee may do this")
    if fresh and not person.is_fresh:
        raise ApiError(403, "not_fresh", "give your password again (POST …/login/fresh), then send this once more")
    return person


async def require_venue(headers: Mapping[str, str], house: House, contest: ContestId, venue: VenueId) -> Token:
    """A token of this venue of this contest. Raises NotAllowed."""
    token = await token_of(headers, house)
    if token is None or token.role != "venue" or (token.contest, token.venue) != (contest, venue):
        raise _refusal(headers, "a bearer token of this venue is needed: contest-server token --contest … --venue …")
    return token


async def require_staff(headers: Mapping[str, str], house: House, contest: ContestId) -> Token | Person:
    """A token of this contest's staff, or an administrator's, or its chief referee. Raises NotAllowed."""
    token = await token_of(headers, house)
    if token is not None and (token.role == "admin" or (token.role == "staff" and token.contest == contest)):
        return token
    person = None if token is not None else await _person(headers, house, contest)
    if person is not None and person.role == "chief":
        return person
    needed = "a bearer token of this contest's staff is needed (contest-server token --role staff --contest …), or its chief referee"
    raise NotAllowed(needed) if person is not None else _refusal(headers, needed)


def _refusal(headers: Mapping[str, str], needed: str) -> NotAllowed:
    return NotLoggedIn(needed) if _bearer(headers) is None else NotAllowed(needed)


async def require_reader(connection: HTTPConnection, house: House, contest: ContestId) -> Token | Person:
    """Whoever may read what the public may not: staff, and every official of this contest. Raises NotAllowed."""
    person = await person_of(connection, house, contest)
    return person if person is not None else await require_staff(connection.headers, house, contest)


async def require_audience(headers: Mapping[str, str], house: House, contest: ContestId, audience: Audience) -> Token | Person | None:
    """The public needs no token. Raises NotAllowed."""
    return None if audience == "public" else await require_staff(headers, house, contest)


def author_of(who: Token | Person) -> str:
    """How the ledger names whoever enters something."""
    return f"token:{who.id}" if isinstance(who, Token) else official_key(who.id)


async def _person(headers: Mapping[str, str], house: House, contest: ContestId) -> Person | None:
    secret = session_secret(headers)
    return None if secret is None else await person_with(secret, house, contest)


def session_secret(headers: Mapping[str, str]) -> str | None:
    """What may be the secret of a session: the bearer token; else the cookie, unless a page of another site sent it."""
    if "authorization" in headers:
        return _bearer(headers)
    return cookie_parser(headers.get("cookie", "")).get(COOKIE) if _is_our_page(headers) else None


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    return secret.strip() or None if scheme.lower() == "bearer" else None


def _is_our_page(headers: Mapping[str, str]) -> bool:
    """Browsers name the site of the page with whatever changes something, and with sockets. Programs name none."""
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    except ValueError:
        return False
