"""Events about what the definition does not know become questions that an official can answer, and that are gone then."""

from __future__ import annotations

from tests.contests import Json
from tests.web.places import Place, batch, clear, served
from tests.web.test_rulings import PATH, rule, wish

UNKNOWN = {"unknown_stage", "unknown_contestant"}


async def cases_until(place: Place, wanted: set[str]) -> dict[str, Json]:
    """The cases about events that fit nobody and nothing, by code, once these are all there are."""
    async with place.reviews("R2") as referee:
        queue = referee.welcome
        while True:
            found = {code: each for each in queue.get("cases", ()) for code in each["codes"] if code in UNKNOWN}
            if "cases" in queue and set(found) == wanted:
                return found
            queue = await referee.hear("queue")


async def test_a_question_about_an_unknown_stage_or_contestant_can_be_dismissed() -> None:
    async with served() as place:
        events = batch(clear(1, stage="attic"), clear(2, contestant="Z9"))
        answer = await place.post(f"{PATH}/venues/yongjia/events", events, "yongjia", source="desk")
        assert answer.status_code == 200, answer.text
        found = await cases_until(place, UNKNOWN)
        assert (found["unknown_stage"]["contestant"], found["unknown_stage"]["stage"]) == ("A1", None), "there is no work to open"
        for number, case in enumerate(found.values()):
            keys = [each["key"] for each in (await place.get(f"{PATH}/flags", "R2"))["flags"] if each["code"] in case["codes"]]
            who = "A1" if case["contestant"] == "A1" else None
            order = wish(None, f"r{number}", "confirm", attempt=None, flags=keys, contestant=who)
            answer = await rule(place, order)
            assert answer.status_code == 200, answer.text
        await cases_until(place, set())
