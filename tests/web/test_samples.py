"""A recheck sample is drawn with a recorded seed; above the share of errors that is allowed, everybody is rechecked."""

from __future__ import annotations

from typing import Any

from tests.web.places import Place, served
from tests.web.stating import Clock, everybody_clears_the_quiz, listed, refusal, said, turned_away, with_policy

POLICY = with_policy(recheck_top=1, recheck_percent=50, recheck_errors_percent=40)
"""Of A1, A2, B1, B2: A1, and two of the three others."""


async def rechecked(place: Place, contestant: str, right: bool = True, who: str = "R2") -> dict[str, Any]:
    reason = "" if right else "the mark was read from the wrong line"
    name = f"c-{contestant}-{who}-{right}"
    answer = await said(place, "samples/n1/rechecks", who, id=name, contestant=contestant, right=right, reason=reason)
    return answer["sample"]  # type: ignore[no-any-return]


async def test_a_sample_is_drawn_once_and_the_same_seed_draws_it_again() -> None:
    async with served(document_=POLICY, clock=Clock(121)) as place:
        await everybody_clears_the_quiz(place)
        first = await said(place, "samples", "C1", id="n1", seed="seven of hearts")
        assert await said(place, "samples", "C1", id="n1", seed="seven of hearts") == first
        again = await said(place, "samples", "C1", id="n2", seed="seven of hearts")
        members = [each["contestant"] for each in first["sample"]["members"]]
        assert members == [each["contestant"] for each in again["sample"]["members"]]
        assert members[0] == "A1"
        assert len(members) == 3
        assert "G1" not in members
        assert [each["id"] for each in (await listed(place, "samples"))["samples"]] == ["n1", "n2"]
        assert await refusal(place, "samples", "C1", id="n1", seed="another") == (409, "id_taken")


async def test_a_seed_that_nobody_named_is_drawn_by_the_server_once() -> None:
    async with served(document_=POLICY, clock=Clock(121)) as place:
        await everybody_clears_the_quiz(place)
        first = await said(place, "samples", "C1", id="n1")
        assert await said(place, "samples", "C1", id="n1") == first
        assert (await said(place, "samples", "C1", id="n2"))["sample"]["seed"] != first["sample"]["seed"]


async def test_a_sample_without_too_many_errors_is_done_when_all_its_members_are() -> None:
    async with served(document_=POLICY, clock=Clock(121)) as place:
        await everybody_clears_the_quiz(place)
        drawn = (await said(place, "samples", "C1", id="n1", seed="1"))["sample"]
        assert (drawn["top"], drawn["percent"], drawn["errors_percent"], drawn["all_needed"]) == (1, 50, 0, False)
        members = [each["contestant"] for each in drawn["members"]]
        await rechecked(place, members[0], right=False)
        shown = await rechecked(place, members[1])
        assert (shown["errors_percent"], shown["all_needed"]) == (50, False), "one of two so far, one of three in the end"
        assert shown["members"][:2] == [
            {"contestant": members[0], "right": False, "official": "R2"}, {"contestant": members[1], "right": True, "official": "R2"},
        ]  # fmt: skip
        assert shown["members"][2] == {"contestant": members[2], "right": None, "official": None}
        [other] = {"A1", "A2", "B1", "B2"} - {*members}
        order = {"id": "c9", "contestant": other, "right": True}
        assert await refusal(place, "samples/n1/rechecks", "R2", **order) == (409, "bad_move")
        shown = await rechecked(place, members[2])
        assert (shown["errors_percent"], shown["all_needed"]) == (33, False)


async def test_above_the_share_of_errors_everybody_is_rechecked_and_a_later_recheck_does_not_take_an_error_back() -> None:
    async with served(document_=POLICY, clock=Clock(121)) as place:
        await everybody_clears_the_quiz(place)
        members = [each["contestant"] for each in (await said(place, "samples", "C1", id="n1", seed="1"))["sample"]["members"]]
        assert (await rechecked(place, members[0], right=False))["all_needed"] is False
        assert (await rechecked(place, members[1], right=False))["all_needed"] is True
        shown = await rechecked(place, members[1], right=True, who="R3")
        assert (shown["all_needed"], shown["members"][1]["right"]) == (True, False)
        [other] = {"A1", "A2", "B1", "B2"} - {*members}
        shown = await rechecked(place, other)
        assert shown["members"][-1]["contestant"] == other


async def test_who_may_not_draw_or_recheck_is_refused() -> None:
    async with served(document_=with_policy(recheck_top=4), clock=Clock(121)) as place:
        assert await refusal(place, "samples", "C1", id="n1") == (409, "bad_move"), "nobody has a result"
        await everybody_clears_the_quiz(place)
        assert await refusal(place, "samples", "R2", id="n1") == (403, "not_chief")
        assert await refusal(place, "samples", "C1", id="n1", seed="") == (400, "bad_request")
        await said(place, "samples", "C1", id="n1")
        order = {"id": "c1", "contestant": "A1", "right": True}
        assert await refusal(place, "samples/n9/rechecks", "R2", **order) == (404, "unknown_act")
        assert await refusal(place, "samples/n1/rechecks", "R2", **order | {"right": False}) == (409, "bad_move"), "what was wrong?"
        assert await refusal(place, "samples/n1/rechecks", None, **order) == (401, "not_logged_in")
        status, code, entry = await turned_away(place, "samples/n1/rechecks", "R1", **order | {"contestant": "B2"})
        assert (status, code, entry["verb"]) == (403, "recused", "recheck")
