"""Every walk back ends at a raw entry, as it was stored and hashed. The public sees events, and none while the board is frozen."""

from __future__ import annotations

import pytest

from contest_server.core.facts import Frozen
from tests.contests import CUP, drafts, event
from tests.web.marking import HERE, given, marked_document, wire
from tests.web.places import EVENTS, batch, clear, served

CANARY = "31337.25"


async def test_a_raw_entry_is_what_the_chain_of_hashes_holds() -> None:
    async with served() as place:
        await place.post(EVENTS.format(venue="yongjia"), batch(clear(1, data={"mohm": "2.40"})), "yongjia", source="desk")
        score = await place.get(f"{HERE}/scores/A1/quiz")
        entry = await place.get(f"{HERE}/entries/{score['events'][0]['position']}")
        assert (entry["position"], entry["author"]) == (2, "yongjia")
        assert entry["fact"]["type"] == "event"
        assert entry["fact"]["data"] == {"mohm": "2.40"}, "as it came"
        [sealed] = await place.stores.ledger.sealed(CUP, 1, 1)
        assert entry["hash"] == sealed.hash.hex()
        first = await place.get(f"{HERE}/entries/1", "R2")
        assert first["fact"]["type"] == "adopted"
        assert "Canary" not in str(first), "no names"


async def test_beyond_the_end_there_is_nothing() -> None:
    async with served() as place:
        for position in ("2", "9007199254740993", str((1 << 63) - 1)):
            answer = await place.http.get(f"{place.url}{HERE}/entries/{position}")
            assert (answer.status_code, answer.json()["code"]) == (404, "no_entry")
        for position in ("0", "-1", "first", str(1 << 63)):
            answer = await place.http.get(f"{place.url}{HERE}/entries/{position}")
            assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("who", "seen", "seen_frozen"),
    [
        (None, {2}, set()),
        ("yongjia", {2}, set()),
        ("other staff", {2}, set()),
        ("R1", {1, 2, 3}, {1, 2, 3}),
        ("C1", {1, 2, 3}, {1, 2, 3}),
        ("staff", {1, 2, 3}, {1, 2, 3}),
        ("admin", {1, 2, 3}, {1, 2, 3}),
    ],
)
async def test_the_public_sees_events_while_the_board_is_not_frozen_and_officials_see_all(
    who: str | None, seen: set[int], seen_frozen: set[int]
) -> None:
    async with served() as place:
        await place.post(EVENTS.format(venue="yongjia"), batch(clear(1)), "yongjia", source="desk")
        await place.order("clock", action="start")

        async def shown() -> set[int]:
            answers = {n: await place.http.get(f"{place.url}{HERE}/entries/{n}", headers=place.bearer(who)) for n in (1, 2, 3)}
            assert {answer.status_code for answer in answers.values()} <= {200, 403}
            return {n for n, answer in answers.items() if answer.status_code == 200}

        assert await shown() == seen
        await place.order("freeze", minutes=20)
        assert await shown() == seen_frozen
        assert (await place.get(f"{HERE}/scores/A1/quiz", "R1"))["state"] == "cleared", "referees see scores while the board is frozen"


async def test_what_another_server_entered_after_a_freeze_is_not_told_before_the_freeze_is_known() -> None:
    """This server looks for entries of others once a minute only: all is as if there were none."""
    async with served(follow_interval_ms=60_000) as place:
        await place.board()
        await place.stores.ledger.append(CUP, drafts([Frozen(20), event(1, data={"canary": CANARY})]))
        answer = await place.http.get(f"{place.url}{HERE}/entries/3")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_entry")
        assert CANARY not in answer.text


async def test_a_mark_among_the_entries_is_its_authors_until_all_are_in() -> None:
    async with served(document_=marked_document()) as place:
        await wire(place, "A1")
        position = (await given(place, "R2", "1"))["position"]

        async def statuses() -> dict[str, int]:
            found = {}
            for who in ("R2", "R3", "C1", "staff"):
                found[who] = (await place.http.get(f"{place.url}{HERE}/entries/{position}", headers=place.bearer(who))).status_code
            return found

        assert await statuses() == {"R2": 200, "R3": 403, "C1": 403, "staff": 403}
        await given(place, "R1", "2")
        await given(place, "R3", "2")
        assert await statuses() == {"R2": 200, "R3": 200, "C1": 200, "staff": 200}
        undone = {"id": "u1", "action": {"verb": "undo", "act": "m-R3-A1-order"}, "code": "entry_error", "reason": "the wrong sheet"}
        assert (await place.post(f"{HERE}/rulings", undone, "R3")).status_code == 200
        assert await statuses() == {"R2": 200, "R3": 403, "C1": 403, "staff": 403}, "one has to be given anew"
