"""Who may do what: every route of the referees, asked by everybody who could ask. What is not for somebody tells and enters nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from contest_server.core.facts import ContestId, OfficialId
from contest_server.live.now import now_us
from tests.contests import CUP, START_US, Json
from tests.web.marking import HERE, marked_document, wire
from tests.web.places import Place, password_of, served
from tests.web.stating import head

MARK = {"id": "m1", "contestant": "B2", "stage": "wiring", "attempt": "1", "aspect": "order", "value": "2"}
RULING = {"contestant": "B2", "stage": "wiring", "attempt": "1", "code": "evidence_reviewed", "reason": "seen on video"}
PENALTY = {"verb": "penalise", "marks": "0.5"}
STATUS = {**RULING, "stage": None, "attempt": None, "action": {"verb": "status", "status": "dnf"}}

ROUTES: list[tuple[str, str, Json | None]] = [
    ("GET", "cases", None),
    ("GET", "cases/B2/wiring", None),
    ("GET", "rulings", None),
    ("GET", "marks", None),
    ("GET", "flags", None),
    ("GET", "entries/1", None),
    ("POST", "marks", MARK),
    ("POST", "rulings/preview", {**RULING, "id": "p1", "action": PENALTY}),
    ("POST", "rulings", {**RULING, "id": "r1", "action": PENALTY}),
    ("POST", "rulings", {**STATUS, "id": "r2"}),
    ("POST", "rulings/waiting/second", {"id": "s1", "approve": True}),
]
"""About the work of B2, on which R1 never rules. `waiting` is a ruling of R2."""

STRANGER = [401] * len(ROUTES)
ANSWERS: dict[str | None, list[int]] = {
    None: [*STRANGER[:5], 403, *STRANGER[6:]],
    "yongjia": [*STRANGER[:4], 403, 403, *STRANGER[6:]],
    "staff": [*STRANGER[:4], 200, 200, *STRANGER[6:]],
    "other contest": [*STRANGER[:4], 403, 403, *STRANGER[6:]],
    "R1": [200, 200, 200, 200, 200, 200, 403, 403, 403, 403, 403],
    "R2": [200, 200, 200, 200, 200, 200, 200, 200, 200, 403, 403],
    "R3": [200, 200, 200, 200, 200, 200, 200, 200, 200, 403, 200],
    "C1": [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200],
}
"""Strangers; a referee who is recused; the author of what waits; another referee; the chief referee."""


async def prepared(place: Place) -> None:
    """B2 handed in the wiring, and a ruling of R2 on it waits for a second person."""
    await wire(place, "B2")
    case = await place.get(f"{HERE}/cases/B2/wiring", "R2")
    order = {**RULING, "id": "waiting", "basis": case["basis"], "action": {"verb": "override", "outcome": "rejected"}}
    answer = await place.post(f"{HERE}/rulings", order, "R2")
    assert answer.json()["ruling"]["state"] == "waiting", answer.text


async def let_in_a_stranger(place: Place) -> None:
    """An official of another contest, who is called as one of this is."""
    there = ContestId("other")
    await place.stores.officials.set_password(there, OfficialId("R2"), password_of("R2"), START_US)
    begun = await place.stores.officials.log_in(there, OfficialId("R2"), password_of("R2"), now_us())
    assert begun is not None
    place.secrets["other contest"] = begun.secret


async def ask(place: Place, method: str, path: str, body: Json | None, who: str | None) -> Any:
    if body is not None and path == "rulings" and body["stage"] is not None:
        looked = who if who in ("R1", "R2", "R3", "C1") else "R2"
        body = {**body, "basis": (await place.get(f"{HERE}/cases/B2/wiring", looked))["basis"]}
    return await place.http.request(method, f"{place.url}{HERE}/{path}", headers=place.bearer(who), json=body)


@pytest.mark.parametrize("who", ANSWERS)
async def test_every_route_is_open_to_those_whom_it_is_for(who: str | None) -> None:
    async with served(document_=marked_document()) as place:
        await prepared(place)
        await let_in_a_stranger(place)
        for (method, path, body), status in zip(ROUTES, ANSWERS[who], strict=True):
            before = await head(place)
            answer = await ask(place, method, path, body, who)
            assert answer.status_code == status, f"{method} {path}: {answer.text}"
            entered = await place.stores.ledger.read(CUP, before)
            if status != 200:
                assert set(answer.json()) == {"code", "detail"}
            if status != 200 or method == "GET" or path.endswith("preview"):
                assert {type(entry.fact).__name__ for entry in entered} <= {"TurnedAway"}, "a refusal enters at most that it was tried"
            else:
                assert [entry.author for entry in entered] == [f"official:{who}"]


async def test_a_recused_referee_may_look_and_decides_nothing() -> None:
    async with served(document_=marked_document()) as place:
        await prepared(place)
        case = await place.get(f"{HERE}/cases/B2/wiring", "R1")
        assert case["recused"] is True
        assert (await place.get(f"{HERE}/cases/B2/wiring", "R3"))["recused"] is False
        for verb in ("confirm", "annul", "reinstate", "rerun", "return", "disqualify", "step"):
            action = {"verb": verb, **({"to": "called"} if verb == "step" else {})}
            answer = await place.post(f"{HERE}/rulings", {**RULING, "id": verb, "basis": case["basis"], "action": action}, "R1")
            assert (answer.status_code, answer.json()["code"]) == (403, "recused"), verb
        undo = {"id": "u1", "action": {"verb": "undo", "act": "waiting"}, "code": "other", "reason": "not right"}
        assert (await place.post(f"{HERE}/rulings", undo, "R1")).json()["code"] == "recused"


async def test_a_decision_needs_a_password_that_was_given_not_long_ago() -> None:
    now = [START_US]
    async with served(document_=marked_document(), clock=lambda: now[0]) as place:
        await prepared(place)
        case = await place.get(f"{HERE}/cases/B2/wiring", "R3")
        now[0] += 16 * 60 * 1_000_000
        order = {**RULING, "id": "r1", "basis": case["basis"], "action": PENALTY}
        stale = await place.post(f"{HERE}/rulings", order, "R3")
        assert (stale.status_code, stale.json()["code"]) == (403, "not_fresh")
        second = await place.post(f"{HERE}/rulings/waiting/second", {"id": "s1", "approve": True}, "R3")
        assert second.json()["code"] == "not_fresh"
        confirm = {**order, "id": "c1", "action": {"verb": "confirm"}}
        assert (await place.post(f"{HERE}/rulings", confirm, "R3")).status_code == 200, "to confirm needs none"
        assert (await place.post(f"{HERE}/login/fresh", {"password": password_of("R3")}, "R3")).status_code == 200
        case = await place.get(f"{HERE}/cases/B2/wiring", "R3")
        assert (await place.post(f"{HERE}/rulings", {**order, "basis": case["basis"]}, "R3")).status_code == 200


async def test_no_input_of_an_official_ends_in_an_error_of_the_server() -> None:
    """Schemathesis invents requests for every route of the referees, as the chief referee."""
    async with served(document_=marked_document()) as place:
        await prepared(place)
        schema = schemathesis.openapi.from_dict(await place.get("/openapi.json"))
        operations: list[Any] = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
        ours = [each for each in operations if each.path.rsplit("{contest}/")[-1].split("/")[0] in ("cases", "rulings", "marks", "entries")]
        assert len(ours) == 9
        for operation in ours:
            await asyncio.to_thread(_invent, operation, place.url, place.bearer("C1"))
        assert json.dumps(await place.get(f"{HERE}/cases", "C1"))


def _invent(operation: Any, url: str, headers: dict[str, str]) -> None:
    @settings(
        max_examples=30, database=None, derandomize=True, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        case.path_parameters["contest"] = CUP
        answer = case.call(base_url=url, headers=headers)
        assert answer.status_code < 500, f"{operation.label}: {answer.status_code} {answer.content[:200]!r}"

    ask()
