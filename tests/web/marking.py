"""A contest in which referees mark: a panel of three on the order of the wires, and a length that two persons enter."""

from __future__ import annotations

import httpx

from tests.contests import CUP, Json, document
from tests.web.places import EVENTS, Place, batch, clear

HERE = f"/api/contests/{CUP}"


def marked_document(version: int = 1) -> Json:
    found = document(version)
    found["stages"][0]["aspects"] += [
        {"id": "order", "rule": "judgement_0_3", "max": 6, "field": "order", "panel": 3, "kind": "judgement"},
        {"id": "craft", "rule": "trimmed_mean", "max": 5, "field": "craft", "panel": 3, "kind": "judgement"},
        {"id": "length", "rule": "threshold", "max": 2, "field": "length", "limit": 1, "double_entry": True},
    ]
    return found


async def wire(place: Place, *contestants: str) -> None:
    """These contestants hand in their wiring."""
    for venue, own in (("yongjia", "A"), ("yueqing", "B")):
        found = [each for each in contestants or ("A1", "B2") if each.startswith(own)]
        events = [clear(seq, who, "wiring", data={"mohm": "2"}) for seq, who in enumerate(found, start=1)]
        answer = await place.post(EVENTS.format(venue=venue), batch(*events), venue, source="desk")
        assert answer.status_code == 200, answer.text


async def mark(
    place: Place, who: str, value: str, contestant: str = "A1", aspect: str = "order", name: str | None = None
) -> httpx.Response:
    about = {"contestant": contestant, "stage": "wiring", "attempt": "1", "aspect": aspect}
    name = name or f"m-{who}-{contestant}-{aspect}"
    return await place.post(f"{HERE}/marks", {"id": name, **about, "value": value}, who)


async def given(place: Place, who: str, value: str, contestant: str = "A1", aspect: str = "order", name: str | None = None) -> Json:
    """The answer to a mark that has to be taken."""
    answer = await mark(place, who, value, contestant, aspect, name)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]
