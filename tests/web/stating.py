"""What officials state over HTTP, and the time that a test sets."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec

from contest_server.core.acts import Action
from contest_server.core.contest import Contest
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


async def ruled(place: Place, official: str, action: Action, name: str = "r1", contestant: str = "A1", **more: Any) -> Json:
    """A ruling on a contestant's attempt at the quiz, by an official who has just looked at the case."""
    case = await listed(place, f"cases/{contestant}/quiz", official)
    about = {"contestant": contestant, "stage": "quiz", "attempt": "1", "basis": case["basis"]}
    why = {"code": "evidence_reviewed", "reason": "seen on video"}
    answer = await said(place, "rulings", official, id=name, action=msgspec.to_builtins(action), **about, **why, **more)
    return answer["ruling"]  # type: ignore[no-any-return]
