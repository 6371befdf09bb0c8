"""What an official does to everybody's time or rules is tried, entered and in force alike, whether all are judged at once or in pieces."""

from __future__ import annotations

from typing import Any

import pytest

from contest_server.core import remaking
from contest_server.live import turns
from tests.contests import Json, document
from tests.web.places import Place, served
from tests.web.test_rejudging import apply, rehearsed
from tests.web.test_rulings import rule, told, wish

TIME = {"from": "2026-11-22T00:59:00Z", "to": "2026-11-22T01:00:20Z"}


async def stopped_and_rejudged(place: Place) -> list[Any]:
    """What everybody is told in the course of it."""
    await told(place)
    order = wish(None, "r1", "remove", None, does=TIME)
    said: list[Any] = [(await rule(place, each, "C1", "rulings/preview")).json() for each in (order, {**order, "id": "r2"})]
    said += [(await rule(place, order, "C1")).json() for _ in range(2)]
    said.append((await rule(place, {"id": "s1", "approve": True}, "R3", "rulings/r1/second")).json())
    said.append(await place.board("staff"))
    said.append((await rule(place, wish(None, "u1", "undo", None, does={"act": "r1"}), "C1")).json())
    said.append(await place.board("staff"))
    stages = [{**each, "points": 33} if each["id"] == "quiz" else each for each in document()["stages"]]
    said.append((await apply(place, await rehearsed(place, changes={"stages": stages}))).json())
    said.append(await place.board("staff"))
    return [without_times(each) for each in said]


def without_times(answer: Json) -> Json:
    state = answer.get("state")
    ruling = answer.get("ruling")
    kept = {name: value for name, value in answer.items() if name not in ("state", "epoch", "ruling")}
    return {**kept, "clock": isinstance(state, dict) and state["phase"], "ruling": ruling and (ruling["state"], ruling["needs"])}


async def test_in_pieces_everybody_is_told_the_same_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served() as place:
        at_once = await stopped_and_rejudged(place)
    monkeypatch.setattr(remaking, "AT_ONCE_MAX", 0)
    monkeypatch.setattr(turns, "TURN_S", 0.0)
    monkeypatch.setattr(turns, "REST_S", 0.0)
    async with served() as place:
        in_pieces = await stopped_and_rejudged(place)
    assert in_pieces == at_once
    assert at_once[0]["effect"]["rows"] != [], "it moves somebody"
    assert [each["ruling"][0] for each in at_once if each["ruling"]][-2:] == ["in_force", "in_force"]
