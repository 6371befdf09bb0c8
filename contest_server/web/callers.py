"""Whoever was let in: a token, an official, or somebody with an account. None is more than the definition and the grants say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from contest_server.core.definition import Definition, OfficialDef
from contest_server.core.definition_reading import official_key
from contest_server.core.facts import ContestantId, ContestId, OfficialId, VenueId
from contest_server.core.roles import Role
from contest_server.ledger.accounts import AccountSession, Grant
from contest_server.ledger.officials import Session
from contest_server.ledger.tokens import Token


@dataclass(frozen=True, slots=True)
class Person:
    """An official who is logged in, as the definition that holds now has them. `is_fresh`: the password was given not long ago.

    With an `account`, that is how they logged in; otherwise with the password of an official of this contest.
    """

    id: OfficialId
    role: Literal["chief", "referee"]
    venue: VenueId | None
    recused: frozenset[ContestantId]
    session_id: str
    is_fresh: bool
    fresh_until_us: int
    expires_us: int
    contest: ContestId
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who is logged in with an account, and the grant by which they are let in; None for what everybody may who has one."""

    account: str
    session_id: str
    grant: Grant | None = None


Caller = Token | Person | Holder
"""Whoever was let in."""


def persons_in(definition: Definition, session: Session | AccountSession, now_us: int) -> list[Person]:
    """The officials whom a session stands for, with the role that this definition gives them, whatever was granted."""
    contest = ContestId(definition.contest.id)
    names = [session.official] if isinstance(session, Session) else list(officials_of(session, contest))
    found = (_person_in(definition, session, name, now_us) for name in names)
    return [each for each in found if each is not None]


def person_in(definition: Definition, session: Session | AccountSession, now_us: int) -> Person | None:
    """The official of a session; None for one whom this definition does not have (any more)."""
    return next(iter(persons_in(definition, session, now_us)), None)


def _person_in(definition: Definition, session: Session | AccountSession, name: OfficialId, now_us: int) -> Person | None:
    official = official_in(definition, name)
    if official is None:
        return None
    fresh_until_us = session.fresh_us + definition.referees.fresh_login_minutes * 60_000_000
    return Person(
        name,
        official.role,
        None if official.venue is None else VenueId(official.venue),
        frozenset(map(ContestantId, official.recused)),
        session.id,
        now_us < fresh_until_us,
        min(fresh_until_us, session.expires_us),
        session.expires_us,
        ContestId(definition.contest.id),
        session.account if isinstance(session, AccountSession) else None,
    )


def official_in(definition: Definition, official: str) -> OfficialDef | None:
    return next((each for each in definition.officials if each.id == official), None)


def officials_of(session: AccountSession, contest: ContestId) -> Iterator[OfficialId]:
    """The officials of this contest that an account is granted to be."""
    return (each.official for each in session.grants if each.contest == contest and each.official is not None)


def venue_of(caller: Caller) -> VenueId | None:
    """The venue that this one speaks for."""
    if isinstance(caller, Holder):
        return None if caller.grant is None else caller.grant.venue
    return caller.venue if isinstance(caller, Token) else None


def contestant_of(caller: Caller) -> ContestantId | None:
    """The contestant that this one is."""
    return caller.grant.contestant if isinstance(caller, Holder) and caller.grant is not None else None


def is_admin(caller: Caller) -> bool:
    """Whether it is as an administrator that this one was let in."""
    return role_of(caller) == "admin"


def role_of(caller: Caller) -> Role | None:
    """The role by which this one was let in; None for what everybody may who has an account."""
    if isinstance(caller, Holder):
        return None if caller.grant is None else caller.grant.role
    return caller.role


def author_of(who: Caller) -> str:
    """How the ledger names whoever enters something."""
    match who:
        case Token():
            return f"token:{who.id}"
        case Person():
            return official_key(who.id)
        case Holder():
            return f"account:{who.account}"
