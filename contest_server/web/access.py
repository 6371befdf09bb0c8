"""Who is asking, and what lets them in: tokens of machines, sessions of officials and of accounts. Default deny.

What each role may do stands in `core/roles.py`; each is good for its own contest only. A session comes as a bearer token, or as a cookie. A
cookie that a page of another site sent along is taken away before (`origins.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from starlette.requests import HTTPConnection, cookie_parser

from contest_server.core.audience import Audience
from contest_server.core.denials import Denied
from contest_server.core.facts import ContestId, VenueId
from contest_server.core.roles import ACTIONS, Role, Rule
from contest_server.core.saying import Coded, Said
from contest_server.ledger.accounts import AccountSession
from contest_server.ledger.officials import Session
from contest_server.ledger.tokens import Token
from contest_server.live.desks import UnknownContest
from contest_server.web.callers import Caller, Holder, Person, officials_of, persons_in, venue_of
from contest_server.web.errors import ApiError, NotAllowed, NotLoggedIn
from contest_server.web.house import House

COOKIE = "contest_session"


Known = Token | Session | AccountSession
"""To whom a secret belongs, whatever they may."""


async def allow(
    headers: Mapping[str, str], house: House, action: str, contest: ContestId | None = None, venue: VenueId | None = None
) -> Caller | None:
    """Whoever asks, if they may take this action in this contest, and for this venue where one is named; None for what everybody may.

    Raises:
        NotLoggedIn: 401, nobody is logged in who could be meant. NotAllowed: 403. Denied: 403, only the chief referee may.
        UnknownContest, DeskClosed: only for an official of this contest.
    """
    rule = ACTIONS[action]
    if rule.is_public:
        return None
    known = await known_by(headers, house)
    if rule.for_accounts and isinstance(known, AccountSession):
        return Holder(known.account, known.id)
    ways = [] if known is None else await (_ways_anywhere(known, house) if rule.in_any_scope else _ways(known, house, contest))
    for role, caller in ways:
        if role in rule.roles and (role != "venue" or venue in (None, venue_of(caller))):
            return caller
    raise _refusal(rule, known, [caller for _, caller in ways], has_secret=_bearer(headers) is not None)


async def known_by(headers: Mapping[str, str], house: House) -> Known | None:
    """To whom the token or session belongs that was sent; None if none was, or it is good for nothing (any more)."""
    secret = _bearer(headers)
    token = None if secret is None else await house.stores.tokens.look_up(secret, house.now_us())
    if token is not None:
        return token
    secret = session_secret(headers)
    return None if secret is None else await session_with(secret, house)


async def session_with(secret: str, house: House) -> Session | AccountSession | None:
    """The session with this secret, of an official or an account."""
    session = await house.stores.officials.look_up(secret, house.now_us())
    return session if session is not None else await house.stores.accounts.look_up(secret, house.now_us())


async def _ways(known: Known, house: House, contest: ContestId | None) -> list[tuple[Role, Caller]]:
    """Every role that this one has in this contest, with whom they are by it. Officials come first: they answer by name."""
    if isinstance(known, Token):
        return [(known.role, known)] if known.contest in (None, contest) else []
    persons = [] if contest is None else await _persons(known, house, contest)
    ways: list[tuple[Role, Caller]] = [(each.role, each) for each in persons]
    if isinstance(known, AccountSession):
        granted = [each for each in known.grants if each.contest in (None, contest) and each.official is None]
        ways += [(each.role, Holder(known.account, known.id, each)) for each in granted]
    return ways


async def _ways_anywhere(known: Known, house: House) -> list[tuple[Role, Caller]]:
    """Every role that this one has in any contest, for what touches none. Raises DeskClosed: only for an official."""
    if isinstance(known, Token):
        return [(known.role, known)]
    contests = [known.contest] if isinstance(known, Session) else [each.contest for each in known.grants if each.official is not None]
    ways: list[tuple[Role, Caller]] = []
    for contest in dict.fromkeys(each for each in contests if each is not None):
        with suppress(UnknownContest):
            ways += [(each.role, each) for each in await _persons(known, house, contest)]
    if isinstance(known, AccountSession):
        ways += [(each.role, Holder(known.account, known.id, each)) for each in known.grants if each.official is None]
    return ways


async def _persons(known: Session | AccountSession, house: House, contest: ContestId) -> list[Person]:
    """The officials of this contest whom a session stands for. Raises UnknownContest, DeskClosed: only where there may be some."""
    is_official = known.contest == contest if isinstance(known, Session) else any(officials_of(known, contest))
    if not is_official:
        return []
    definition = (await house.desks.desk(contest)).contest.definition
    return [] if definition is None else persons_in(definition, known, house.now_us())


def _refusal(rule: Rule, known: Known | None, callers: list[Caller], *, has_secret: bool) -> Exception:
    """401 where somebody has to log in and has not; 403 where this one may not; never why a secret is good for nothing."""
    is_logged_in = isinstance(known, AccountSession) or any(isinstance(each, Person) for each in callers)
    if rule.is_personal and not is_logged_in:
        if rule.for_accounts:
            return NotLoggedIn(Said("log in first: POST /api/login"))
        return NotLoggedIn(Said("log in first: as an official of this contest (POST …/login), or POST /api/login"))
    if rule.roles == {"chief"} and any(isinstance(each, Person) for each in callers):
        return Denied("not_chief", Said("this is for the chief referee"))
    roles = [Coded("role", role) for role in sorted(rule.roles)]
    needed = Said("this is for: {roles}, each in their own scope; a token comes from contest-server token", roles=roles)
    return NotLoggedIn(needed) if known is None and not has_secret else NotAllowed(needed)


# ---- what single routes and sockets ask ------------------------------------------------------------------------------------------


async def person_of(connection: HTTPConnection, house: House, contest: ContestId) -> Person | None:
    """The official of this contest who is asking, by request or socket; None if nobody is logged in.

    Raises:
        UnknownContest, DeskClosed: only for somebody who has a session there.
    """
    secret = session_secret(connection.headers)
    return None if secret is None else await person_with(secret, house, contest)


async def person_with(secret: str, house: House, contest: ContestId) -> Person | None:
    """The official with this session, for sockets that say hello with it. Raises as `person_of`."""
    session = await session_with(secret, house)
    return None if session is None else next(iter(await _persons(session, house, contest)), None)


def check_fresh(person: Person) -> None:
    """Raises ApiError where the password was given too long ago."""
    if not person.is_fresh:
        raise ApiError(403, "not_fresh", Said("give your password again (POST …/login/fresh), then send this once more"))


async def require_venue(headers: Mapping[str, str], house: House, contest: ContestId, venue: VenueId) -> Caller:
    """Who may speak for this venue of this contest. Raises NotAllowed."""
    caller = await allow(headers, house, "events.send", contest, venue)
    assert caller is not None, "this is not for everybody"
    return caller


async def require_reader(connection: HTTPConnection, house: House, contest: ContestId) -> Caller:
    """Whoever may read what the public may not. Raises NotAllowed."""
    caller = await allow(connection.headers, house, "inside.read", contest)
    assert caller is not None, "this is not for everybody"
    return caller


async def require_audience(headers: Mapping[str, str], house: House, contest: ContestId, audience: Audience) -> Caller | None:
    """The public needs no token; a display that sends one is watched as its holder. Raises NotAllowed."""
    if audience != "public":
        return await allow(headers, house, "board.read_all", contest)
    known = await known_by(headers, house) if _bearer(headers) is not None else None
    return known if isinstance(known, Token) and known.role == "display" and known.contest == contest else None


# ---- what was sent ---------------------------------------------------------------------------------------------------------------


def session_secret(headers: Mapping[str, str]) -> str | None:
    """What may be the secret of a session: the bearer token; else the cookie, which `origins.py` lets through from our own pages only."""
    if "authorization" in headers:
        return _bearer(headers)
    return cookie_parser(headers.get("cookie", "")).get(COOKIE)


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    return secret.strip() or None if scheme.lower() == "bearer" else None
