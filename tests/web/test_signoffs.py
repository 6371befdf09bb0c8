"""A signature stands under the result as it was signed, and says so when the result is another."""

from __future__ import annotations

from contest_server.core.acts import Override
from contest_server.core.times import text_of_us
from tests.web.places import EVENTS, batch, clear, served
from tests.web.stating import ALONE, CASES, Clock, everybody_clears_the_quiz, listed, refusal, ruled, said, turned_away, with_policy


async def test_three_sign_a_result_and_each_signature_is_listed() -> None:
    clock = Clock()
    async with served(clock=clock) as place:
        await everybody_clears_the_quiz(place)
        for name, role, who in (("s1", "contestant", "R2"), ("s2", "referee", "R2"), ("s3", "chief", "C1")):
            answer = await said(place, "signoffs", who, id=name, contestant="A1", role=role)
            assert answer["signoff"]["valid"] is True
            assert await said(place, "signoffs", who, id=name, contestant="A1", role=role) == answer, "sent again"
        shown = (await listed(place, "signoffs"))["signoffs"]
        assert [(each["contestant"], each["role"], each["official"], each["valid"]) for each in shown] == [
            ("A1", "contestant", "R2", True), ("A1", "referee", "R2", True), ("A1", "chief", "C1", True),
        ]  # fmt: skip
        assert shown[0]["at"] == text_of_us(clock.us)


async def test_a_signature_under_a_result_that_changed_holds_no_longer_until_it_is_signed_again() -> None:
    clock = Clock()
    async with served(document_=ALONE, clock=clock) as place:
        await everybody_clears_the_quiz(place)
        for name, contestant in (("s1", "A1"), ("s2", "B1")):
            await said(place, "signoffs", "R2", id=name, contestant=contestant, role="referee")
        await ruled(place, "R2", Override(marks="9.5"))
        shown = (await listed(place, "signoffs"))["signoffs"]
        assert [(each["contestant"], each["valid"]) for each in shown] == [("A1", False), ("B1", True)]
        assert (await said(place, "signoffs", "R2", id="s1", contestant="A1", role="referee"))["signoff"]["valid"] is False, "the old one"
        await said(place, "signoffs", "R2", id="s3", contestant="A1", role="referee")
        assert [each["valid"] for each in (await listed(place, "signoffs"))["signoffs"]] == [False, True, True]


async def test_who_may_not_sign_is_refused() -> None:
    async with served(clock=Clock()) as place:
        await everybody_clears_the_quiz(place)
        order = {"id": "s1", "contestant": "A1", "role": "referee"}
        assert await refusal(place, "signoffs", None, **order) == (401, "not_logged_in")
        assert await refusal(place, "signoffs", "R2", **order | {"role": "chief"}) == (403, "not_chief")
        assert await refusal(place, "signoffs", "R2", **order | {"contestant": "Z9"}) == (404, "unknown_contestant")
        assert await refusal(place, "signoffs", "R2", **order | {"role": "mother"}) == (400, "bad_request")
        status, code, entry = await turned_away(place, "signoffs", "R1", **order | {"contestant": "B2"})
        assert (status, code, entry["verb"], entry["contestant"], entry["author"]) == (403, "recused", "sign", "B2", "official:R1")
        await said(place, "signoffs", "R2", **order)
        assert await refusal(place, "signoffs", "R3", **order) == (409, "id_taken"), "somebody else's signature"


async def test_whose_result_has_to_be_signed_is_told_and_is_what_finalising_counts() -> None:
    """A2 has done nothing, and G1 is a guest: of five contestants three have a result that somebody has to sign."""
    async with served(document_=with_policy(sign_off=["referee"]), clock=Clock(121)) as place:
        for number, (contestant, (venue, at)) in enumerate((who, CASES[who]) for who in ("A1", "B1", "B2", "G1")):
            events = batch(clear(max(1, number), contestant, at=at))
            assert (await place.post(EVENTS.format(venue=venue), events, venue, source="desk")).status_code == 200
        due = (await listed(place, "signoffs"))["due"]
        assert due == ["A1", "B1", "B2"]
        [reason] = (await listed(place, "chief", "C1"))["reasons"]
        assert reason["code"] == "sign_off"
        assert "3 of 3 results" in str(reason["detail"])
        for number, contestant in enumerate(due):
            await said(place, "signoffs", "R2", id=f"s{number}", contestant=contestant, role="referee")
        assert (await listed(place, "chief", "C1"))["reasons"] == []
