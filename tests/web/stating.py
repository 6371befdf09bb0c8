"""What officials state over HTTP, and the time that a test sets."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec

from contest_server.core.acts import Action, Ruled
from contest_server.core.contest import Contest
from contest_server.core.deciding import actor_of, basis_of, rule
from contest_server.core.facts import Draft, Fact
from contest_server.core.ids import ActId, AttemptId, ContestantId, OfficialId, StageId
from tests.contests import CUP, START_US, Json, document, folded
from tests.web.places import EVENTS, Place, batch, clear

HERE = f"/api/contests/{CUP}"
MINUTE_US = 60_000_000
CASES = {
    "A1": ("yongjia", "01:00:10Z"), "A2": ("yongjia", "01:00:20Z"), "B1": ("yueqing", "01:00:30Z"), "B2": ("yueqing", "01:00:40Z"),
    "G1": ("yueqing", "01:00:50Z"),
}  # fmt: skip


class Clock:
    """Time that a test sets: half an hour into the contest, until it says otherwise."""

    def __init__(self, minutes: float = 30) -> None:
        self.to(minutes)

    def __call__(self) -> int:
        return self.us

    def to(self, minutes: float) -> None:
        """So many minutes after the start of the contest, which lasts 120."""
        self.us = START_US + round(minutes * MINUTE_US)


def with_policy(**policy: Any) -> Json:
    """The small contest with these rules for referees."""
    return document() | {"referees": policy}


ALONE = with_policy(second_points=None, second_ranks=None, second_medals=False)
"""Nobody has to approve what one official ruled."""


async def say(place: Place, path: str, who: str | None, **body: Any) -> httpx.Response:
    return await place.post(f"{HERE}/{path}", body, who)


async def said(place: Place, path: str, who: str | None, **body: Any) -> Json:
    """The answer to what has to be taken."""
    answer = await say(place, path, who, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def refusal(place: Place, path: str, who: str | None, **body: Any) -> tuple[int, str]:
    """Status and code of what has to be refused. Nothing was entered."""
    before = await head(place)
    answer = await say(place, path, who, **body)
    assert answer.status_code >= 400, answer.text
    assert await head(place) == before, "a refusal enters nothing"
    return answer.status_code, answer.json()["code"]


async def turned_away(place: Place, path: str, who: str | None, **body: Any) -> tuple[int, str, Json]:
    """Status and code of what nobody may ever try, and the entry that says that somebody tried."""
    before = await head(place)
    answer = await say(place, path, who, **body)
    entries = await place.stores.ledger.read(CUP, before)
    assert len(entries) == 1, answer.text
    return answer.status_code, answer.json()["code"], {"author": entries[0].author, **msgspec.to_builtins(entries[0].fact)}


async def listed(place: Place, path: str, who: str | None = "R2") -> Json:
    return await place.get(f"{HERE}/{path}", who)


async def head(place: Place) -> int:
    return (await place.stores.ledger.head(CUP)).position


async def everybody_clears_the_quiz(place: Place) -> None:
    """A1 first, then A2, B1, B2 and the guest G1, ten seconds apart."""
    seqs: dict[str, int] = {}
    for contestant, (venue, at) in CASES.items():
        seqs[venue] = seqs.get(venue, 0) + 1
        answer = await place.post(EVENTS.format(venue=venue), batch(clear(seqs[venue], contestant, at=at)), venue, source="desk")
        assert answer.status_code == 200, answer.text


async def contest_of(place: Place) -> Contest:
    """What the ledger comes to, whatever the server thinks."""
    return folded(await place.stores.ledger.read(CUP, 0))


async def ruled(place: Place, clock: Clock, official: str, action: Action, **about: Any) -> Ruled:
    """A ruling as the desk would enter it, from another server: this one follows."""
    contest = await contest_of(place)
    assert contest.definition is not None
    actor = actor_of(contest.definition, OfficialId(official))
    assert actor is not None
    contestant, stage = ContestantId(about.pop("contestant", "A1")), StageId(about.pop("stage", "quiz"))
    wanted = Ruled(
        id=ActId(about.pop("name", "r1")),
        at_us=contest.office.moment(clock.us),
        official=actor.id,
        action=action,
        code="evidence_reviewed",
        reason="seen on video",
        contestant=contestant,
        stage=stage,
        attempt=AttemptId("1"),
        **about,
    )
    decided = rule(contest, actor, wanted, basis_of(contest, contestant, stage))
    assert decided is not None
    await entered(place, clock, official, decided)
    return decided


async def entered(place: Place, clock: Clock, official: str, fact: Fact) -> int:
    """Enter a fact from another server, and wait until this one has it."""
    [entry] = await place.stores.ledger.append(CUP, [Draft(clock.us, f"official:{official}", fact)])
    while (await place.board("staff", audience="staff"))["to"] < entry.position:
        pass
    return entry.position
