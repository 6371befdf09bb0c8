"""Whose work a code stands for is told once, to whoever drew it, and to everybody only after the layers are revealed before a witness."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contest_server.core.acts import Drawn, Revealed
from contest_server.ledger.exporting import export
from contest_server.ledger.seals import Seal
from contest_server.ledger.urls import open_stores
from contest_server.web.tries import WRONG_MAX
from tests.contests import CUP, Json, document
from tests.web.places import EVENTS, Place, batch, clear, equip, password_of, served
from tests.web.stating import (
    Clock,
    contest_of,
    everybody_clears_the_quiz,
    head,
    listed,
    refusal,
    said,
    say,
    turned_away,
)


def judged_blind() -> Json:
    """The small contest, with an aspect of the wiring that three referees mark."""
    changed = document()
    aspect = {"id": "order", "rule": "judgement_0_3", "max": 3, "field": "order", "referees": 3, "panel": 3}
    changed["stages"][0]["aspects"].append(aspect)
    return changed


async def everybody_wires(place: Place) -> None:
    for venue, contestants in (("yongjia", ("A1", "A2")), ("yueqing", ("B1", "B2"))):
        wired = [clear(seq, who, "wiring", data={"mohm": "2"}) for seq, who in enumerate(contestants, start=1)]
        assert (await place.post(EVENTS.format(venue=venue), batch(*wired), venue, source="desk")).status_code == 200


async def drawn(place: Place, layer: int, **more: Any) -> dict[str, str]:
    answer = await said(place, "blind", "C1", id=f"b{layer}", layer=layer, **more)
    return answer["codes"]  # type: ignore[no-any-return]


async def revealed(place: Place, layer: int, witness: str = "R2", name: str | None = None) -> Json:
    order = {"id": name or f"v{layer}", "witness": witness, "witness_password": password_of(witness)}
    return await said(place, f"blind/{layer}/reveal", "C1", **order)


async def marked(place: Place, official: str, code: str, value: str) -> None:
    name = f"m-{official}-{code}"
    answer = await said(place, "marks", official, id=name, code=code, stage="wiring", aspect="order", value=value)
    assert answer["complete"] is False, "whose work it is, and so whether it is complete, is not known"


async def marks_of_the_order(place: Place, contestant: str = "A1") -> str | None:
    score = await place.get(f"/api/contests/{CUP}/scores/{contestant}/wiring", "staff")
    return next((line["marks"] for line in score["lines"] if line["subject"] == "aspect order"), None)


async def test_a_layer_gives_everybody_but_guests_a_code_of_their_own() -> None:
    async with served(clock=Clock()) as place:
        await everybody_clears_the_quiz(place)
        codes = await drawn(place, 1, prefix="K-")
        assert sorted(codes) == ["A1", "A2", "B1", "B2"]
        assert len(set(codes.values())) == 4
        assert all(code.startswith("K-") and code[2:].isdigit() for code in codes.values())
        upper = await drawn(place, 2)
        assert sorted(upper) == sorted(codes.values())
        assert not {*upper.values()} & {*codes.values()}
        shown = (await listed(place, "blind"))["layers"]
        assert [(each["layer"], each["count"], each["revealed"], each["official"]) for each in shown] == [
            (1, 4, False, "C1"), (2, 4, False, "C1"),
        ]  # fmt: skip


async def test_the_codes_are_told_again_only_while_the_first_answer_may_be_lost() -> None:
    clock = Clock()
    async with served(clock=clock) as place:
        await everybody_clears_the_quiz(place)
        order = {"id": "b1", "layer": 1, "prefix": "K"}
        first = await said(place, "blind", "C1", **order)
        assert await said(place, "blind", "C1", **order) == first
        clock.us += 5 * 60_000_000
        later = await said(place, "blind", "C1", **order)
        assert later == first | {"codes": None}
        assert "codes" not in (await listed(place, "blind", "C1"))["layers"][0]
        await revealed(place, 1)
        assert await said(place, "blind", "C1", **order) == first


async def test_until_the_reveal_no_export_and_no_answer_says_what_a_code_stands_for() -> None:
    async with served(document_=judged_blind(), clock=Clock()) as place:
        await everybody_wires(place)
        codes = {**await drawn(place, 1), **await drawn(place, 2)}

        async def told() -> bytes:
            lines = [lines async for lines in export(place.stores.ledger, CUP, state="live", exported_at="2026-11-22T12:00:00Z")]
            paths = ("blind", "chief", "corrections", "appeals", "signoffs", "samples", "flags", "board", "roster")
            answers = [await place.http.get(f"{place.url}/api/contests/{CUP}/{path}", headers=place.bearer("C1")) for path in paths]
            return b"".join([*lines, *(answer.content for answer in answers)])

        assert not [code for code in codes.values() if code.encode() in await told()]
        await revealed(place, 2)
        layer_1 = await drawn(place, 1)
        after_one = await told()
        assert all(code.encode() in after_one for code in layer_1.values())
        assert not [who for who, code in layer_1.items() if f'"{code}":"{who}"'.encode() in after_one], "who carries them is not told yet"
        await revealed(place, 1)
        after_both = await told()
        assert all(f'"{code}":"{who}"'.encode() in after_both for who, code in layer_1.items())


async def test_marks_under_codes_count_once_all_layers_are_revealed_in_reverse_order() -> None:
    async with served(document_=judged_blind(), clock=Clock()) as place:
        await everybody_wires(place)
        first, second = await drawn(place, 1), await drawn(place, 2)
        code = second[first["A1"]]
        for official, value in (("R1", "2"), ("R2", "2"), ("R3", "3")):
            await marked(place, official, code, value)
        assert await marks_of_the_order(place) is None
        out_of_turn = {"id": "v1", "witness": "R2", "witness_password": password_of("R2")}
        assert await refusal(place, "blind/1/reveal", "C1", **out_of_turn) == (409, "out_of_order")
        assert (await revealed(place, 2))["codes"] == {code: below for below, code in second.items()}
        assert await marks_of_the_order(place) is None
        assert (await revealed(place, 1))["codes"] == {code: who for who, code in first.items()}
        assert await marks_of_the_order(place) == "2.3333"
        assert [each["revealed"] for each in (await listed(place, "blind"))["layers"]] == [True, True]
        assert await refusal(place, "blind/1/reveal", "C1", **out_of_turn | {"id": "v9"}) == (409, "out_of_order"), "all are revealed"
        assert await refusal(place, "blind", "C1", id="b3", layer=3) == (409, "out_of_order"), "too late for another layer"


async def test_a_mark_is_taken_under_a_code_of_the_work_only() -> None:
    async with served(document_=judged_blind(), clock=Clock()) as place:
        await everybody_wires(place)
        first = await drawn(place, 1)
        order = {"id": "m1", "stage": "wiring", "aspect": "order", "value": "2"}
        assert await refusal(place, "marks", "R2", **order, code="Z000") == (400, "bad_mark")
        answer = await said(place, "marks", "R2", **order, code=first["A1"])
        second = await drawn(place, 2)
        assert await said(place, "marks", "R2", **order, code=first["A1"]) == answer, "sent again, under another code by now"
        assert await refusal(place, "marks", "R3", **order | {"id": "m2"}, code=first["A1"]) == (400, "bad_mark")
        await revealed(place, 2)
        shown = (await listed(place, "marks"))["tasks"]
        assert sorted(each["code"] for each in shown) == sorted(second.values()), "also between one reveal and the next"


async def test_codes_that_are_not_those_that_were_drawn_are_not_revealed() -> None:
    async with served(clock=Clock()) as place:
        await everybody_clears_the_quiz(place)
        codes = await drawn(place, 1)
        commitment = (await contest_of(place)).office.codes.drawn[1].commitment
        true = await place.stores.seals.look(CUP, commitment)
        assert true is not None
        exchanged = {codes["A1"]: "A2", codes["A2"]: "A1", codes["B1"]: "B1", codes["B2"]: "B2"}
        order = {"id": "v1", "witness": "R2", "witness_password": password_of("R2")}
        for forged in (Seal(true.salt, exchanged), Seal("another salt", true.codes), None):
            await place.stores.seals.drop(CUP, commitment)
            if forged is not None:
                await place.stores.seals.keep(CUP, commitment, forged, 0)
            assert await refusal(place, "blind/1/reveal", "C1", **order) == (409, "bad_move")
        await place.stores.seals.keep(CUP, commitment, true, 0)
        assert (await revealed(place, 1))["witness"] == "R2"
        assert await place.stores.seals.look(CUP, commitment) is None, "what is revealed is in the ledger"
        position = await head(place)
        assert (await revealed(place, 1))["position"] == position, "sent again, with nothing sealed any more"


async def test_a_reveal_has_a_witness_who_gives_their_own_password() -> None:
    async with served(clock=Clock()) as place:
        await everybody_clears_the_quiz(place)
        await drawn(place, 1)
        order: Json = {"id": "v1", "witness": "R2", "witness_password": password_of("R2")}
        assert await refusal(place, "blind/1/reveal", "C1", **order | {"witness_password": password_of("C1")}) == (403, "bad_witness")
        assert await refusal(place, "blind/1/reveal", "C1", **order | {"witness": "R9"}) == (403, "bad_witness")
        assert await refusal(place, "blind/1/reveal", "R3", **order) == (403, "not_chief")
        assert await refusal(place, "blind/1/reveal", None, **order) == (401, "not_logged_in")
        alone = order | {"witness": "C1", "witness_password": password_of("C1")}
        status, code, entry = await turned_away(place, "blind/1/reveal", "C1", **alone)
        assert (status, code, entry["verb"]) == (403, "own_decision", "reveal codes")
        for _ in range(WRONG_MAX):
            await say(place, "blind/1/reveal", "C1", **order | {"witness": "R3"})
        guessed = await say(place, "blind/1/reveal", "C1", **order | {"witness": "R3", "witness_password": password_of("R3")})
        assert (guessed.status_code, guessed.json()["code"]) == (429, "too_many_tries")
        await said(place, "blind/1/reveal", "C1", **order)
        [fact] = [each.fact for each in await place.stores.ledger.read(CUP, 0) if isinstance(each.fact, Revealed)]
        assert (fact.official, fact.witness) == ("C1", "R2")


async def test_a_layer_is_drawn_once_in_order_and_by_the_chief_referee() -> None:
    async with served(clock=Clock()) as place:
        await everybody_clears_the_quiz(place)
        assert await refusal(place, "blind", "R2", id="b1", layer=1) == (403, "not_chief")
        assert await refusal(place, "blind", "C1", id="b2", layer=2) == (409, "out_of_order")
        await drawn(place, 1)
        assert await refusal(place, "blind", "C1", id="b9", layer=1) == (409, "out_of_order")
        assert await refusal(place, "blind", "C1", id="b1", layer=2) == (409, "id_taken")
        for bad in ({"layer": 0}, {"layer": 10}, {"layer": 2, "prefix": "甲"}, {"layer": 2, "prefix": "K" * 9}):
            assert await refusal(place, "blind", "C1", **{"id": "b9", **bad}) == (400, "bad_request")
        assert await drawn(place, 1), "and what was refused took nothing with it"
        drawings = [each.fact for each in await place.stores.ledger.read(CUP, 0) if isinstance(each.fact, Drawn)]
        assert len(drawings) == 1


async def test_the_codes_outlive_the_server(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'contest.db'}"
    stores, clock = open_stores(url), Clock()
    secrets = await equip(stores, document(), clock())
    async with served(stores, secrets=secrets, clock=clock) as place:
        first, second = await drawn(place, 1), await drawn(place, 2)
    await stores.close()
    again = open_stores(url)
    async with served(again, secrets=secrets, clock=clock) as place:
        assert await drawn(place, 1) == first
        await revealed(place, 2)
        assert (await revealed(place, 1))["codes"] == {code: who for who, code in first.items()}
        assert await drawn(place, 2) == second
    await again.close()
