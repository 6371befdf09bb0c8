"""What is not to be seen changes no byte of what is: two contests that differ in nothing else are answered, and shown, alike."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from contest_server.core.times import text_of_us
from tests.contests import START_US, Json, document
from tests.web.marking import given, marked_document, wire
from tests.web.places import Place, clear, served
from tests.web.screening import HERE
from tests.web.test_canary import asked

OFFICIALS = [{"id": "R1"}, {"id": "R2"}, {"id": "R3"}, {"id": "C1", "role": "chief"}]
INSIDE = tuple(path for path in asked() if path.startswith("/api/") and not path.startswith("/api/builder") and "/export" not in path)
"""But for the ledger itself, which an administrator may take away whole."""
WITH_IDS_OF_CHANCE = (
    "/tokens",
    "/screens",
    "/api/me",
    "/api/accounts",
    "/health",
    "/me",
    "/entries/1",
    "/entries/2",
    "/entries/3",
    "/entries/4",
    "/control-room",
)
"""What these tell has ids in it that are drawn anew in every run (of tokens, also as authors), or who was seen last, and no marks."""

OF_CHANCE = re.compile(r"token:[0-9a-f]{16}")


class Clock:
    """Time that a test sets, a while after the start."""

    def __init__(self) -> None:
        self.us = START_US + 1_800_000_000

    def __call__(self) -> int:
        return self.us


@dataclass(frozen=True)
class World:
    """A place with a time of its own, and what was told there."""

    place: Place
    clock: Clock
    told: dict[str, str]

    async def listen(self, who: str | None, paths: Iterable[str]) -> None:
        """Ask everything, in both languages at once."""
        for path in paths:
            asked = f"{self.place.url}{path}{'&' if '?' in path else '?'}lang=both"
            answer = await self.place.http.get(asked, headers={**self.place.bearer(who), "Accept-Encoding": "identity"})
            heads = {name: value for name, value in answer.headers.items() if name not in ("date", "x-request-id")}
            self.told[f"{who}: {path}"] = f"{answer.status_code} {heads} {answer.text}"


@asynccontextmanager
async def world(document_: Json) -> AsyncIterator[World]:
    clock = Clock()
    async with served(document_=document_, clock=clock) as place:
        await place.order("clock", action="start", at=text_of_us(START_US))
        found = World(place, clock, {})
        yield found
        epoch = (await place.get(HERE))["epoch"]
        found.told.update({where: OF_CHANCE.sub("TOKEN", text.replace(epoch, "EPOCH")) for where, text in found.told.items()})


def differences(one: dict[str, str], other: dict[str, str]) -> Collection[str]:
    """Where they were told something else, and from where on."""
    assert one.keys() == other.keys()
    return [f"{where}: …{_parted(one[where], other[where])}" for where in one if one[where] != other[where]]


def _parted(one: str, other: str) -> str:
    same = next((at for at, (this, that) in enumerate(zip(one, other, strict=False)) if this != that), min(len(one), len(other)))
    return f"{one[max(0, same - 60) : same + 40]} | {other[same : same + 40]}"


def without_chance(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if not path.partition("?")[0].endswith(WITH_IDS_OF_CHANCE) and not path.startswith("/metrics")]


# ---- behind the freeze -----------------------------------------------------------------------------------------------------------


async def frozen_world(*, is_one: bool) -> tuple[dict[str, str], str]:
    """What the public is told, and what the staff sees, where after the freeze one thing happened or another."""

    def either(one: str, other: str) -> str:
        return one if is_one else other

    async with world(document(officials=OFFICIALS)) as here, here.place.venue("yueqing") as venue, here.place.venue() as other:
        place = here.place
        await other.send(clear(1))
        pending = {"kind": "attempt", "contestant": "B2", "stage": "quiz", "attempt": "q"}
        await venue.send(
            clear(1, "B1", at="01:01:05Z", attempt="b"), {"seq": 2, "at": "2026-11-22T01:02:00Z", "data": {"outcome": "pending"}, **pending}
        )
        assert (await place.order("freeze", minutes=20)).status_code == 200
        async with place.display() as display:
            await display.frame()
            outcome = {"outcome": either("accepted", "rejected")}
            late = {"at": "2026-11-22T01:20:00Z"}
            await venue.send(
                {"seq": 3, "data": outcome, **pending, **late},
                {"seq": 4, **pending, "contestant": "B1", "stage": "wiring", "data": {**outcome, "mohm": either("2", "9")}, **late},
            )
            await other.send(
                {"seq": 2, "kind": "violation", "contestant": "A1", "stage": "quiz", "data": {"code": either("helmet", "gloves")}, **late},
                {"seq": 3, "kind": either("withdraw", "note"), "contestant": "A2", **late},
                {"seq": 4, "kind": either("start", "note"), "contestant": "G1", "stage": "final", **late},
            )
            ruling = {"id": "r-1", "contestant": "B1", "action": {"verb": "status", "status": either("dnf", "ok")}}
            ruled = await place.post(f"{HERE}/rulings", {**ruling, "code": "evidence_reviewed", "reason": "because it is so"}, "C1")
            assert ruled.status_code == 200, ruled.text
            set_ = await place.order("standings", contestant="G1", status=either("dsq", "dns"), reason="because it is so")
            here.clock.us += 60_000_000
            staff = await place.board("staff", audience="staff")
            assert set_.status_code == 200, set_.text
            await display.reach(staff["to"])
            here.told["a display"] = json.dumps(display.screen.rows, sort_keys=True)
        await here.listen(None, without_chance(asked()))
    return here.told, str(staff["rows"])


async def test_what_happens_behind_the_freeze_changes_no_byte_of_what_the_public_is_told() -> None:
    (one, seen), (other, seen_otherwise) = await frozen_world(is_one=True), await frozen_world(is_one=False)
    assert seen != seen_otherwise, "the staff sees that they differ"
    assert sum(text.startswith("200") for text in one.values()) >= 30, "and the public is told much"
    assert differences(one, other) == []


# ---- beside a panel --------------------------------------------------------------------------------------------------------------


async def marked_world(value: str, length: str) -> dict[str, str]:
    """What everybody but those who marked is told while marks are missing: of the panel, and of what two persons enter."""
    async with world(marked_document()) as here:
        place = here.place
        await wire(place)
        for referee, aspect, mark in (("R1", "order", value), ("R3", "order", value), ("R1", "length", length)):
            assert not (await given(place, referee, mark, aspect=aspect))["complete"]
        here.clock.us += 60_000_000
        for who in (None, "R2", "C1", "staff", "admin"):
            await here.listen(who, without_chance(INSIDE))
        annul = {"id": "preview-1", "contestant": "A1", "stage": "wiring", "attempt": "1", "action": {"verb": "annul"}}
        for judge in ("R2", "C1"):
            tried = await place.post(f"{HERE}/rulings/preview", {**annul, "code": "evidence_reviewed", "reason": "because it is so"}, judge)
            here.told[f"{judge}: preview"] = tried.text
    return here.told


async def test_marks_change_no_byte_of_what_others_are_told_before_all_are_in() -> None:
    one, other = await marked_world("3", "0.5"), await marked_world("0", "1.5")
    assert sum(text.startswith("200") for text in one.values()) >= 100
    assert differences(one, other) == []
