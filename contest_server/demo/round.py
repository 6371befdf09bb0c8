"""One round of the demo before it begins and after it has ended: its story, its keys, its result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition import Definition
from contest_server.core.facts import ContestId, VenueId
from contest_server.core.rulebook import Judges
from contest_server.demo.bundle import of_round
from contest_server.demo.folding import fold
from contest_server.demo.logins import Passwords, chief_of
from contest_server.demo.story import story_of
from contest_server.demo.telling import Story
from contest_server.ledger.urls import Stores
from contest_server.live.adopting import adopt


@dataclass(frozen=True, slots=True)
class Round:
    """A round before it begins: everything that will happen in it, and the board that it has to end in."""

    number: int
    definition: Definition
    story: Story
    start_us: int
    expected: str

    def at_us(self, contest_ms: int) -> int:
        return self.start_us + contest_ms * 1_000

    @property
    def contest(self) -> ContestId:
        return ContestId(self.definition.contest.id)


@dataclass(frozen=True, slots=True)
class Result:
    """What the server made of the round: its board as the public sees it in the end, and the questions for the referees by code."""

    board: Mapping[str, Any]
    flags: Counter[str]

    @property
    def digest(self) -> str:
        return str(self.board["digest"])


@dataclass(frozen=True, slots=True)
class Keys:
    """Tokens: one for each venue, one for the staff, and the session of the chief referee."""

    venues: Mapping[str, str]
    staff: str
    chief: str


def prepare(number: int, seed: int, start_us: int, judges: Judges) -> Round:
    """Each round has a seed of its own: the first one the given seed, the next one more."""
    definition = of_round(number, start_us)
    story = story_of(seed + number - 1, definition)
    return Round(number, definition, story, start_us, fold(story, definition, judges).digest())


async def let_in(stores: Stores, round_: Round, judges: Judges, passwords: Passwords, now_us: int) -> Keys:
    """Adopt the definition, issue the tokens, set the passwords, and log the chief referee in."""
    await adopt(stores, compile_rulebook(round_.definition, judges), "demo", now_us)
    venues = {}
    for venue in round_.definition.venues:
        issued = await stores.tokens.issue("venue", now_us, round_.contest, VenueId(venue.id), "demo")
        venues[venue.id] = issued.secret
    staff = await stores.tokens.issue("staff", now_us, round_.contest, None, "demo")
    return Keys(venues, staff.secret, await chief_of(stores, round_.definition, passwords, now_us))


def podium(round_: Round, board: Mapping[str, Any], places: int = 3) -> Sequence[str]:
    """The first of the final ranking, in both languages."""
    names = {each.id: each.name for each in round_.definition.contestants}
    first = [row for row in board["rows"] if row["rank"] is not None][:places]
    lines = []
    for row in first:
        name = names.get(row["id"])
        spoken = row["id"] if name is None else f"{name.zh} {name.en}"
        lines.append(f"{row['rank']}. {spoken} ({row['id']})  {row['points']} 分 points")
    return lines
