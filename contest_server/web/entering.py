"""How what an official does becomes an entry: decided and entered at one position. A refused act enters nothing, or that it was tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contest_server.core.actors import Actor, actor_of, turned_away
from contest_server.core.acts import Kept, TurnedAway
from contest_server.core.contest import Contest
from contest_server.core.denials import PROVEN, Denied
from contest_server.core.facts import Draft
from contest_server.core.rulings import Filed
from contest_server.core.saying import Said
from contest_server.live.desk import Desk
from contest_server.web.callers import Person, author_of
from contest_server.web.errors import NotLoggedIn
from contest_server.web.house import House
from contest_server.web.languages import document_of

SomeAct = TypeVar("SomeAct", bound=Kept)
Decide = Callable[[Contest, Actor, SomeAct], SomeAct | None]
"""Looks at the contest and says what to enter: None where it is entered already. Raises Denied."""

TOLD_FOR_US = 60_000_000
"""Who tries the same thing again within this time (µs) is refused again; that they tried is entered once."""

ActName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:\-]{1,64}$")]
"""The id that a client chose for an act. The same act sent again under it changes nothing."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Statement(BaseModel):
    """What an official sends. Nothing in it is ignored silently."""

    model_config = ConfigDict(extra="forbid")

    id: ActName
    """Chosen by the client: up to 64 letters, digits, '_', '-', '.' or ':'."""


class Reasoned(Statement):
    reason: str = Field(default="", max_length=1_000)


async def enter(house: House, desk: Desk, person: Person, act: SomeAct, decide: Decide[SomeAct]) -> Filed:
    """Enter an official's act as `decide` wants it, with the time that it is; returns the act as it stands in the ledger, new or not.

    Raises:
        Denied: nothing was entered; or, for what nobody may ever try, that this official tried.
        DeskClosed, Unstorable: see `Desk.decide`.
    """
    refusals: list[Denied] = []

    def drafts(contest: Contest) -> list[Draft]:
        refusals.clear()
        actor = actor_now(contest, person)
        now_us = house.now_us()
        timed = msgspec.structs.replace(act, at_us=contest.office.moment(now_us))
        try:
            entered = decide(contest, actor, timed)
        except Denied as denied:
            refusals.append(denied)
            return refused_drafts(contest, turned_away(actor, denied, timed, timed.at_us), now_us, author_of(person))
        return [] if entered is None else [Draft(now_us, author_of(person), entered)]

    await desk.decide(drafts)
    if refusals:
        raise refusals[0]
    return desk.contest.office.acts[act.id]


async def enter_for(house: House, desk: Desk, author: str, act: SomeAct, decide: Callable[[Contest, SomeAct], SomeAct | None]) -> Filed:
    """As `enter`, for whoever is no official: a venue with its token. Raises the same."""

    def drafts(contest: Contest) -> list[Draft]:
        now_us = house.now_us()
        entered = decide(contest, msgspec.structs.replace(act, at_us=contest.office.moment(now_us)))
        return [] if entered is None else [Draft(now_us, author, entered)]

    await desk.decide(drafts)
    return desk.contest.office.acts[act.id]


def refused_drafts(contest: Contest, away: TurnedAway, now_us: int, author: str) -> list[Draft]:
    """What is entered of a refusal: that somebody tried what nobody may, once. Nothing of any other."""
    known = any(_same(away, each) and away.at_us - each.at_us < TOLD_FOR_US for _, each in contest.office.turned_away)
    return [Draft(now_us, author, away)] if away.code in PROVEN and not known else []


def actor_now(contest: Contest, person: Person) -> Actor:
    """The official as the definition that holds at this position has them. Raises NotLoggedIn where it has not."""
    actor = actor_of(contest.definition, person.id, person.is_fresh) if contest.definition is not None else None
    if actor is None:
        raise NotLoggedIn(Said("this contest knows no such official any more; log in again"))
    return actor


def plain(document: Any) -> Any:
    """As JSON takes it: structs become objects, what JSON does not know becomes text."""
    return document_of(document)


def _same(one: TurnedAway, other: TurnedAway) -> bool:
    return msgspec.structs.replace(one, at_us=0) == msgspec.structs.replace(other, at_us=0)
