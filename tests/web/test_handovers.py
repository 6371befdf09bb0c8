"""A venue hands over by saying what it sent; what of it is missing here keeps the result open."""

from __future__ import annotations

from tests.contests import CUP
from tests.web.places import EVENTS, batch, clear, note, served
from tests.web.stating import Clock, everybody_clears_the_quiz, listed, refusal, said, with_policy


async def test_a_venue_hands_over_with_its_token_and_hears_what_is_missing() -> None:
    async with served(document_=with_policy(handover_required=True), clock=Clock(121)) as place:
        await everybody_clears_the_quiz(place)
        order = {"id": "h1", "venue": "yueqing", "counts": {"yueqing/desk": 5, "yueqing/tablet": 2}}
        answer = await said(place, "handovers", "yueqing", **order)
        assert answer["missing"] == 2 + 2
        assert await said(place, "handovers", "yueqing", **order) == answer, "sent again"
        [token] = [each for each in await place.stores.tokens.all(CUP) if each.venue == "yueqing"]
        entry = (await place.stores.ledger.read(CUP, answer["position"] - 1))[0]
        assert entry.author == f"token:{token.id}"
        assert entry.fact.official == "venue:yueqing"  # type: ignore[union-attr]
        venues = {each["id"]: each for each in (await listed(place, "chief", "C1"))["venues"]}
        assert venues["yueqing"] == {"id": "yueqing", "sources": 1, "events": 3, "handed_over": True, "missing": 4}
        assert venues["yongjia"] == {"id": "yongjia", "sources": 1, "events": 2, "handed_over": False, "missing": 0}


async def test_what_arrives_after_the_handover_is_no_longer_missing_and_a_later_statement_counts() -> None:
    async with served(clock=Clock(121)) as place:
        await said(place, "handovers", "yongjia", id="h1", venue="yongjia", counts={"yongjia/desk": 2})
        await place.post(EVENTS.format(venue="yongjia"), batch(note(1), clear(2)), "yongjia", source="desk")
        assert (await listed(place, "chief", "C1"))["venues"][0]["missing"] == 0
        assert (await said(place, "handovers", "R2", id="h2", venue="yongjia", counts={"yongjia/desk": 3}))["missing"] == 1
        entry = (await place.stores.ledger.read(CUP, 0))[-1]
        assert (entry.author, entry.fact.official) == ("official:R2", "R2")  # type: ignore[union-attr]


async def test_nobody_speaks_for_another_venue() -> None:
    async with served(clock=Clock(121)) as place:
        order = {"id": "h1", "venue": "yongjia", "counts": {"yongjia/desk": 2}}
        for who, status, code in (
            ("yueqing", 403, "not_allowed"), ("elsewhere", 403, "not_allowed"), ("staff", 403, "not_allowed"), (None, 401, "not_logged_in"),
        ):  # fmt: skip
            assert await refusal(place, "handovers", who, **order) == (status, code), who
        assert await refusal(place, "handovers", "yongjia", **order | {"counts": {"yueqing/desk": 2}}) == (409, "bad_move")
        for counts in (
            {"yongjia/desk": -1},
            {"yongjia/desk": 1.5},
            {"yongjia/desk": True},
            {"yongjia/desk": "2"},
            [2],
            {"yongjia/desk": 1 << 60},
        ):
            assert await refusal(place, "handovers", "yongjia", **order | {"counts": counts}) == (400, "bad_request"), counts
        assert await refusal(place, "handovers", "R2", **order | {"venue": "nowhere"}) == (409, "bad_move")
