"""Looking back: the board at any position is what the public saw there; nothing that was hidden then, or is hidden again now."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given

from contest_server.core.acts import Penalise, Ruled, Undo
from contest_server.core.audience import first_clears_for, row_for
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, Event, Fact, Frozen, Thawed, Unveiled, Veiled
from contest_server.core.history import LANDMARKS, History, Moment, fewer_clears
from contest_server.core.ids import ActId, OfficialId
from contest_server.core.rows import Row
from contest_server.core.times import text_of_us
from contest_server.live import archive
from tests.contests import CUP, JUDGES, START_US, Json, adopted, clock, document, entries, event, tried
from tests.strategies import DICE, histories, in_some_order
from tests.web.places import Place, clear, served
from tests.web.screening import HERE, assign, pair, screen

CANARY_MS = 3_777_777
CANARY_AT = "02:02:57.777Z"


def public(contest: Contest) -> dict[ContestantId, Row]:
    everybody = {*contest.rows, *(contest.frozen.rows if contest.frozen else ())}
    return {who: row.row for who in everybody if (row := row_for(contest, who, "public")) is not None}


def told(facts: list[Fact]) -> History:
    history = History(CUP, JUDGES)
    for entry in entries(facts):
        history.take(entry)
    return history


@given(histories(), DICE)
def test_the_past_is_what_the_public_saw_at_each_position(history: dict[str, list[Event]], dice: Random) -> None:
    """Held against a contest that is folded up to there, and asked through the gate."""
    facts: list[Fact] = [adopted(), clock("start", 0), *in_some_order(history, dice)]
    for fact in (Frozen(20), Unveiled("s1", ContestantId("A1")), Unveiled("s2", ContestantId("B1")), Thawed(), adopted(document(2))):
        facts.insert(dice.randint(2, len(facts)), fact)
    past, contest = told(facts), Contest(CUP, JUDGES)
    for entry in entries(facts):
        contest.advance(entry)
        contest.settle()
        then = past.past(entry.position)
        assert then is not None
        assert {who: row.row for who, row in then.rows.items()} == public(contest)
        assert then.first == first_clears_for(contest, "public")
        assert (then.about.clock, then.about.final) == (contest.clock, contest.final)


@given(histories(), DICE)
def test_what_changed_after_a_position_laid_over_what_was_there_is_what_is_there(history: dict[str, list[Event]], dice: Random) -> None:
    facts: list[Fact] = [adopted(), clock("start", 0), *in_some_order(history, dice), Frozen(3), Thawed()]
    past = told(facts)
    for _ in range(5):
        one, other = dice.randint(1, len(facts)), dice.randint(1, len(facts))
        before, then = past.past(one), past.past(other, after=one)
        assert before is not None
        assert then is not None
        merged = {**before.rows, **{who: then.rows[who] for who in then.changed}}
        assert {who: row for who, row in merged.items() if who not in then.gone} == then.rows


def test_a_row_that_is_again_what_it_was_did_not_change() -> None:
    """A penalty that was undone: the row moved, and came back."""
    about: Json = {"at_us": START_US + 9_000_000, "official": OfficialId("C1"), "code": "other", "reason": "seen on video"}
    fine = Ruled(id=ActId("r1"), action=Penalise(marks="2"), contestant=ContestantId("A1"), **about)
    back = Ruled(id=ActId("u1"), action=Undo(ActId("r1")), **about)
    past = told([adopted(), clock("start", 0), event(1), fine, back, event(2, contestant="B1")])
    changed = {position: past.past(position, after=3).changed for position in (4, 5, 6)}  # type: ignore[union-attr]
    assert changed == {4: {"A1"}, 5: set(), 6: {"B1"}}


@given(histories(), DICE)
def test_of_a_long_contest_fewer_positions_are_kept_and_each_is_as_it_was(history: dict[str, list[Event]], dice: Random) -> None:
    """Whether it was known to be long or not; at every other position it is the board of the last one before."""
    facts: list[Fact] = [adopted(), clock("start", 0), *in_some_order(history, dice)]
    for fact in (Frozen(20), Unveiled("s1", ContestantId("A1")), Unveiled("s2", ContestantId("B1")), Thawed()):
        facts.insert(dice.randint(2, len(facts)), fact)
    past, whole = History(CUP, JUDGES, dice.choice([0, len(facts)]), kept_max=4, rows_max=20), told(facts)
    for entry in entries(facts):
        past.take(entry)
        assert past.position == entry.position, "the last one can be seen"
    assert set(past.kept) >= {entry.position for entry in entries(facts) if isinstance(entry.fact, LANDMARKS)}
    assert len(past.kept) <= 4 + 6 + 1
    for position in range(1, len(facts) + 1):
        then = past.past(position)
        assert then is not None
        assert then.position == max(each for each in past.kept if each <= position)
        as_it_was = whole.past(then.position)
        assert as_it_was is not None
        assert (then.rows, then.first, then.about) == (as_it_was.rows, as_it_was.first, as_it_was.about)


def test_rows_that_can_be_seen_nowhere_any_more_are_forgotten() -> None:
    facts: list[Fact] = [adopted(), *(tried(n, "rejected", contestant="B1", at_s=n, attempt=str(n)) for n in range(1, 200))]
    past = History(CUP, JUDGES, kept_max=200, rows_max=30)
    for entry in entries(facts):
        past.take(entry)
    assert past.rows <= 30 < told(facts).rows
    assert past.past(1).rows.keys() == told(facts).past(1).rows.keys()  # type: ignore[union-attr]


def test_where_everybody_moves_all_the_time_there_are_fewer_looks() -> None:
    many: Json = {"contestants": [{"id": f"c{n}", "venue": "yongjia"} for n in range(130)]}
    worth = {"id": "quiz", "aspects": [{"id": "a", "rule": "dynamic_value", "max": 500, "share": "0.3", "decay": 50}]}
    facts: list[Fact] = [adopted(document(officials=[], stages=[worth], **many)), clock("start", 0)]
    facts += [event(n + 1, contestant=f"c{n}", at_s=n) for n in range(130)]
    past = History(CUP, JUDGES)
    for entry in entries(facts):
        for _ in past.taking(entry):
            pass
    gaps = [after - before for before, after in pairwise(past.kept)]
    assert gaps[:64] == [1] * 64, "few rows change, and each position is kept"
    assert gaps[-1] == 2


def test_what_differs_from_a_position_that_is_not_kept_is_everything() -> None:
    facts: list[Fact] = [adopted(), *(event(n, contestant="B1", at_s=n, attempt=str(n)) for n in range(1, 19)), event(19, at_s=30)]
    past = History(CUP, JUDGES, length=20, kept_max=5)
    for entry in entries(facts):
        past.take(entry)
    assert past.kept == [1, 4, 8, 12, 16, 20]
    some, everything = past.past(20, after=4), past.past(20, after=5)
    assert some is not None
    assert everything is not None
    assert (some.after, some.changed) == (4, {"A1"})
    assert (everything.after, everything.changed) == (0, set(everything.rows))


def test_of_many_moments_the_rare_ones_are_kept_and_every_so_manieth_clear() -> None:
    moments = [Moment(n, n, "lead" if n % 10 == 0 else "clear", ContestantId("A1")) for n in range(100)]
    fewer = fewer_clears(moments, 40)
    assert [each.position for each in fewer if each.kind == "lead"] == list(range(0, 100, 10))
    assert 20 <= len([each for each in fewer if each.kind == "clear"]) <= 30
    assert fewer == sorted(fewer, key=lambda each: each.position)


def test_what_was_revealed_by_mistake_and_taken_back_was_never_there() -> None:
    facts: list[Fact] = [
        adopted(), clock("start", 0), event(1, contestant="B1", at_s=5), Frozen(20), event(2, contestant="A1", stage="wiring", at_s=9),
        Unveiled("s1", ContestantId("A1")),
    ]  # fmt: skip
    assert "wiring" in told(facts).past(6).rows[ContestantId("A1")].row.stages  # type: ignore[union-attr]
    assert told(facts).past(6).rows[ContestantId("A1")].row.cleared == 1  # type: ignore[union-attr]
    back = told([*facts, Veiled("s2", ContestantId("A1"))])
    for position in range(1, 8):
        then = back.past(position)
        assert then is not None
        assert then.rows[ContestantId("A1")].row.cleared == 0
        assert "wiring" not in then.first
    assert [each.contestant for each in back.moments] == ["B1", "B1", "B1"], "a clear, a first clear, the lead"


def test_the_timeline_tells_clears_first_clears_and_who_took_the_lead() -> None:
    facts: list[Fact] = [
        adopted(),
        clock("start", 0),
        event(1, contestant="B1", at_s=5),
        event(2, stage="wiring", at_s=9, attempt="w", data={"mohm": "2"}),
    ]
    facts.append(event(3, at_s=12))
    moments = [(each.position, each.kind, each.contestant, each.stage, each.before) for each in told(facts).moments]
    assert moments == [
        (3, "clear", "B1", "quiz", None),
        (3, "first", "B1", "quiz", None),
        (3, "lead", "B1", None, None),
        (4, "clear", "A1", "wiring", None),
        (4, "first", "A1", "wiring", None),
        (4, "lead", "A1", None, "B1"),
        (5, "clear", "A1", "quiz", None),
    ]


# ---- over HTTP -------------------------------------------------------------------------------------------------------------------


async def test_a_frame_of_the_past_is_the_frame_of_then() -> None:
    async with served() as place, place.venue() as venue:
        await place.order("clock", action="start", at=text_of_us(START_US))
        await venue.send(clear(1))
        then = await place.board()
        await venue.send(clear(2, "B1"), clear(3, "A1", stage="wiring"))
        past = await place.get(f"{HERE}/history", at=str(then["to"]))
        assert past["rows"] == then["rows"]
        assert {name: past["state"][name] for name in ("first", "venues", "started", "frozen", "final")} == {
            name: then["state"][name] for name in ("first", "venues", "started", "frozen", "final")
        }
        changed = await place.get(f"{HERE}/history", at="999", after=str(then["to"]))
        assert {row["id"] for row in changed["rows"]} == {"A1", "B1"}
        assert (await place.get(f"{HERE}/history", at="999"))["rows"] == (await place.board())["rows"]
        assert [each["kind"] for each in (await place.get(f"{HERE}/timeline"))["moments"]][:3] == ["clear", "first", "lead"]
        by_time = await place.get(f"{HERE}/history", at=past["state"]["now"])
        assert by_time["to"] == past["to"]


async def test_who_looks_back_at_a_long_contest_for_the_first_time_is_told_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "WAITS_S", 0.0)
    async with served() as place, place.venue() as venue:
        await venue.send(*(clear(seq, "A1", attempt=str(seq)) for seq in range(1, 60)))
        said = []
        while (answer := await place.http.get(f"{place.url}{HERE}/timeline")).status_code != 200:
            said.append(answer)
        assert said, "it was read meanwhile"
        assert {(each.status_code, each.json()["code"], each.json()["of"]) for each in said} == {(503, "still_reading", 60)}
        assert int(said[0].headers["Retry-After"]) > 0
        assert answer.json()["position"] == 60
        assert (await place.get(f"{HERE}/history", at="60"))["rows"] == (await place.board())["rows"]


async def test_what_is_no_moment_is_refused_by_name() -> None:
    async with served() as place:
        beyond = ("noon", "2026-11-22T09:03", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
        for at, status, code in (*((each, 400, "bad_request") for each in beyond), ("0", 404, "no_board_yet")):
            answer = await place.http.get(f"{place.url}{HERE}/history", params={"at": at})
            assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_canary_of_somebody_who_is_not_revealed_is_in_nothing_public() -> None:
    """After the freeze B1, who is among the best, clears with a value that nobody can guess; those below are revealed before."""
    async with served() as place, place.venue("yueqing") as venue, place.venue() as other:
        await place.order("clock", action="start", at=text_of_us(START_US))
        await other.send(clear(1, "A1"))
        await venue.send(clear(1, "B1", stage="wiring", data={"mohm": "2"}))
        await place.order("freeze", minutes=20)
        await other.send(clear(2, "A2", stage="wiring", at="02:00:00Z"))
        await venue.send(clear(2, "B1", at=CANARY_AT), clear(3, "B2", stage="wiring", at="02:02:03.333Z"))
        await place.order("clock", action="end", at=text_of_us(START_US + 7_000_000_000))
        left = await pair(place)
        await assign(place, left, "reveal")
        for number in range(2):
            assert (await place.post(f"{HERE}/reveal", {"id": f"s{number}", "step": 1}, "staff")).status_code == 200
        revealed = (await place.board())["state"]["frozen"]["revealed"]["last"]
        assert revealed
        assert "B1" not in revealed
        seen = await everything_public(place)
        assert str(CANARY_MS) not in seen, "hidden while others are revealed"
        while "B1" not in revealed:
            await place.post(f"{HERE}/reveal", {"id": f"t{len(revealed)}", "step": 1}, "staff")
            revealed = (await place.board())["state"]["frozen"]["revealed"]["last"]
        assert str(CANARY_MS) in await everything_public(place), "the canary would have been seen"
        await place.post(f"{HERE}/reveal", {"id": "back", "step": -1}, "staff")
        assert str(CANARY_MS) not in await everything_public(place), "and is hidden again, in the past too"


async def everything_public(place: Place) -> str:
    """All that anybody without a token, or with a screen's, is told."""
    found = []
    head = (await place.stores.ledger.head(CUP)).position
    paths = ["", "/board", "/roster", "/timeline", "/direction", "/corrections", "/scores/B1/quiz", "/reveal", "/screens"]
    paths += [f"/history?at={position}" for position in range(1, head + 1)]
    paths += [f"/entries/{position}" for position in range(1, head + 1)]
    for path in paths:
        for who in (None, "hall 2, left"):
            answer = await place.http.get(f"{place.url}{HERE}{path}", headers=place.bearer(who))
            found.append(answer.text)
    async with place.display() as display, screen(place) as paired:
        found.append(str(await display.hear("frame")))
        found.append(str(await paired.program()))
    return "\n".join(found)
