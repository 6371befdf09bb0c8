"""Building a definition over HTTP: tried, checked, read, played through, written and adopted. Nothing of it is stored."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from contest_server.builder.apart import Unfinished, apart
from contest_server.builder.beginnings import beginnings
from contest_server.builder.drafts import draft_of
from contest_server.builder.dry_run import TooLargeToTry
from contest_server.builder.reports import played
from contest_server.web import builder_runs
from tests.builder.workbooks import workbook
from tests.contests import JUDGES
from tests.web.places import Place, clear, served

HERE = "/api/builder"
DRAFT: dict[str, Any] = beginnings()[0]["draft"]
TRIAL = {"rule": "threshold", "options": {"field": "r_mohm", "limit": 1}, "max": 10, "data": {"r_mohm": "2.4"}}


async def ask(place: Place, path: str, body: Any, who: str | None = "staff", status: int = 200) -> Any:
    answer = await place.post(f"{HERE}/{path}", body, who)
    assert answer.status_code == status, answer.text
    return answer.json()


# ---- from nothing to the board ---------------------------------------------------------------------------------------------------


async def test_a_contest_is_built_checked_played_written_adopted_and_judged() -> None:
    async with served() as place:
        table = {
            "content": base64.b64encode(
                workbook([["编号", "姓名", "赛区"], ["P1", "安一诺", "东赛区"], ["P2", "白晓宇", "西赛区"]])
            ).decode()
        }
        read = await ask(place, "contestants", {**table, "venues": DRAFT["venues"]})
        assert read["faults"] == []
        draft = {**DRAFT, "contestants": read["contestants"]}
        checked = await ask(place, "check", {"draft": draft})
        assert (checked["ok"], checked["totals"]["points"], checked["totals"]["venues"]) == (True, "100", {"east": 1, "west": 1})
        assert [each["field"] for each in checked["forms"][2]["fields"]] == ["insulation_mohm"]
        run = await ask(place, "dry-run", {"draft": draft, "seed": 4})
        assert {each["contestant"] for each in run["ranking"]} == {"P1", "P2"}
        written = await ask(place, "toml", {"draft": draft})
        headers = {**place.bearer("admin"), "Content-Type": "application/toml"}
        adopted = await place.http.post(f"{place.url}/api/contests", content=written["toml"].encode(), headers=headers)
        assert (adopted.status_code, adopted.json()["digest"]) == (201, written["digest"])
        contest = adopted.json()["contest"]
        token = (await place.post(f"/api/contests/{contest}/tokens", {"venue": "east"}, "admin")).json()["secret"]
        event = clear(1, "P1", "quiz", data={"answers": {"q1": "B", "q2": ["A", "C"], "q3": "D", "q4": "C"}})
        sent = await place.post(f"/api/contests/{contest}/venues/east/events", {"type": "events", "events": [event]}, token, source="desk")
        assert sent.status_code == 200, sent.text
        rows = (await place.get(f"/api/contests/{contest}/board"))["rows"]
        assert [(row["id"], row["points"]) for row in rows] == [("P1", "15"), ("P2", "0")]


async def test_nothing_of_it_is_stored() -> None:
    async with served() as place:
        before = await place.stores.ledger.contests()
        await ask(place, "try", TRIAL)
        await ask(place, "check", {"draft": DRAFT})
        await ask(place, "dry-run", {"draft": DRAFT})
        await ask(place, "contestants", {"text": "id,name\nA1,Canary"})
        assert await place.stores.ledger.contests() == before
        assert "Canary" not in str(await place.get("/api/contests"))


# ---- answers ---------------------------------------------------------------------------------------------------------------------


async def test_the_gallery_and_the_examples_are_told_to_whoever_builds() -> None:
    async with served() as place:
        found = await place.get(f"{HERE}/gallery", "staff")
        assert {each["name"] for each in found["rules"]} == set(JUDGES)
        assert all(len(each["examples"]) >= 2 for each in found["rules"])
        for each in (await place.get(f"{HERE}/examples", "staff"))["examples"]:
            assert (await ask(place, "check", {"draft": each["draft"]}))["ok"]


async def test_a_trial_says_what_it_scores_and_why() -> None:
    async with served() as place:
        found = await ask(place, "try", TRIAL)
        assert (found["marks"], found["because"][0]["steps"][0]["what"]["en"]) == ("10", "2.4 >= 1")
        story = {"events": [{"kind": "clear", "at_ms": 60_000, "contestant": "A1"}, {"kind": "clear", "at_ms": 50_000, "contestant": "B1"}]}
        found = await ask(place, "try", {"rule": "first_clear", "options": {"shares": [1]}, "place": "stage", "story": story})
        assert [(each["contestant"], each["points"]) for each in found["board"]] == [("B1", "20"), ("A1", "10")]


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"rule": "thresold"}, "rule"),
    ({"options": {"field": "x"}}, "limit"),
    ({"options": 7}, "options"),
    ({"data": [1]}, "data"),
    ({"tries": 0}, "tries"),
    ({"tries": True}, "tries"),
    ({"elapsed_s": "long"}, "elapsed_s"),
    ({"violations": "x"}, "violations"),
    ({"place": "nowhere"}, "place"),
    ({"max": -1}, "max"),
    ({"story": {"events": [{"kind": "clear", "at_ms": "soon"}]}}, "story.events[0].at_ms"),
    ({"story": {"events": [{"kind": "clear", "at_ms": 1}] * 2_001}}, "story.events"),
    ({"story": 7}, "story"),
]


async def test_what_cannot_be_tried_is_refused_by_its_place() -> None:
    async with served() as place:
        for change, where in CHANGES:
            refused = await ask(place, "try", {**TRIAL, **change}, status=400)
            assert refused["code"] == "bad_rule"
            assert where in [each["where"] for each in refused["faults"]], change


async def test_a_draft_with_faults_is_neither_written_nor_played_and_each_fault_points_at_its_field() -> None:
    async with served() as place:
        draft = {**DRAFT, "venues": [], "ranking": [{"by": "x y"}]}
        for path in ("toml", "dry-run"):
            refused = await ask(place, path, {"draft": draft}, status=400)
            assert refused["code"] == "bad_definition"
            assert {each["where"] for each in refused["faults"]} == {"venues", "ranking[0].by"}
        assert not (await ask(place, "check", {"draft": draft}))["ok"]


async def test_a_definition_is_opened_with_its_table_of_contestants() -> None:
    async with served() as place:
        toml = '[contest]\nid = "c"\nname = "C"\ncontestants_file = "people.csv"\n[[venues]]\nid = "v"\n[[stages]]\nid = "s"\nvalue = 1'
        found = await ask(place, "open", {"toml": toml, "contestants_file": {"name": "people.csv", "text": "id,name\nA1,Chen"}})
        assert found["draft"]["contestants"] == [{"id": "A1", "name": "Chen"}]
        assert {each["where"] for each in found["faults"]} >= {"stages[0].value"}, "its faults do not stop it"
        refused = await ask(place, "open", {"toml": "a = 1\nb = ??"}, status=400)
        assert (refused["code"], refused["faults"][0]["where"]) == ("bad_toml", "line 2")
        for depth in (100, 300, 900, 5_000):
            deep = await place.post(f"{HERE}/open", {"toml": "a" + ".a" * depth + " = 1"}, "staff")
            assert deep.status_code == 200 or deep.json()["code"] == "bad_toml", deep.text


async def test_a_table_that_is_refused_as_a_whole_says_why_in_both_languages() -> None:
    async with served() as place:
        refused = await ask(place, "contestants", {"content": base64.b64encode(b"PK nothing").decode()}, status=400)
        assert (refused["code"], refused["faults"][0]["code"]) == ("bad_table", "not_a_workbook")
        assert refused["faults"][0]["message"]["zh"]
        assert (await ask(place, "contestants", {"content": "x" * 5_400_000}, status=400))["faults"][0]["code"] == "too_large"
        assert (await ask(place, "contestants", {}, status=400))["code"] == "bad_request"
        assert (await ask(place, "contestants", {"content": "??"}, status=400))["code"] == "bad_request"


# ---- limits ----------------------------------------------------------------------------------------------------------------------


async def test_a_body_that_is_too_large_is_not_read_and_a_long_one_only_from_whoever_may() -> None:
    async with served() as place:
        long = {"draft": {"x": "y" * 200_000}}
        assert (await place.post(f"{HERE}/check", long)).status_code == 413
        assert (await place.post(f"{HERE}/check", long, "staff")).status_code == 200
        assert (await place.post(f"{HERE}/try", {**TRIAL, "data": {"x": "y" * 200_000}}, "staff")).status_code == 413


async def test_one_draft_is_played_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def waits(*_: Any) -> dict[str, Any]:
        begun.set()
        await may_end.wait()
        return {}

    monkeypatch.setattr(builder_runs, "apart", waits)
    async with served() as place:
        first = asyncio.create_task(place.post(f"{HERE}/dry-run", {"draft": DRAFT}, "staff"))
        await begun.wait()
        second = await place.post(f"{HERE}/dry-run", {"draft": DRAFT}, "staff")
        assert (second.status_code, second.json()["code"], second.headers["Retry-After"]) == (429, "busy", "3")
        may_end.set()
        assert (await first).status_code == 200
        assert (await place.post(f"{HERE}/dry-run", {"draft": DRAFT}, "staff")).status_code == 200


async def test_a_dry_run_that_would_take_too_long_is_refused_with_its_limit() -> None:
    async with served() as place:
        for wish in ({"contestants": 201}, {"contestants": 0}, {"contestants": True}, {"seed": -1}, {"seed": "x"}):
            assert (await ask(place, "dry-run", {"draft": DRAFT, **wish}, status=400))["code"] == "too_large_to_try"


def endless() -> None:
    while True:
        pass


async def test_what_runs_apart_has_an_end_and_tells_what_it_raises() -> None:
    with pytest.raises(Unfinished):
        await apart(endless, within_s=0.5)
    draft = draft_of({**DRAFT, "stages": [{"id": f"s{n}"} for n in range(31)]})
    with pytest.raises(TooLargeToTry, match="31 stages"):
        await apart(played, draft, 1, None, dict(JUDGES))


BODIES = [b"", b"[", b"[1]", b'{"draft": NaN}', b"\xff", b'{"draft": ' + b"[" * 50_000, b'{"draft": 1e999999999999}']


async def test_what_is_no_draft_is_never_an_error_of_the_server() -> None:
    async with served() as place:
        for path in ("check", "toml", "try", "dry-run"):
            for body in BODIES:
                answer = await place.http.post(f"{place.url}{HERE}/{path}", content=body, headers=place.bearer("staff"))
                assert answer.status_code == 400 or (path == "check" and answer.status_code == 200), answer.text
