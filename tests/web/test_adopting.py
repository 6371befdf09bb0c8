"""Adopting over HTTP: what an administrator may, what nobody else may, and every fault with its line."""

from __future__ import annotations

import pytest

from tests.contests import CUP, document
from tests.web.places import Place, batch, note, served

TOML = """
format = 1
[contest]
id = "fair"
name = "Fair"
minutes = 30
[[venues]]
id = "hall"
[[officials]]
id = "C1"
role = "chief"
[[contestants]]
id = "A1"
[[stages]]
id = "quiz"
points = 5
"""


async def _adopt(place: Place, text: str, who: str | None = "admin", kind: str = "application/toml"):  # type: ignore[no-untyped-def]
    headers = {**place.bearer(who), "Content-Type": kind}
    return await place.http.post(f"{place.url}/api/contests", content=text.encode(), headers=headers)


async def test_a_definition_as_toml_text_holds_at_once_and_its_venue_is_let_in() -> None:
    async with served() as place:
        answer = await _adopt(place, TOML)
        assert (answer.status_code, answer.json()["new"]) == (201, True)
        assert (await _adopt(place, TOML)).status_code == 200
        issued = await place.post("/api/contests/fair/tokens", {"venue": "hall", "label": "desk"}, "admin")
        assert issued.status_code == 201
        sent = await place.post("/api/contests/fair/venues/hall/events", batch(note(1)), issued.json()["secret"], source="desk")
        assert sent.json()["seq"] == 1
        assert (await place.get("/api/contests/fair/board"))["total"] == 1


async def test_a_definition_as_json_holds_as_well_and_changed_content_needs_a_version() -> None:
    async with served() as place:
        changed = document()
        changed["contest"]["minutes"] = 77
        answer = await place.post("/api/contests", changed, "admin")
        assert (answer.status_code, answer.json()["code"]) == (409, "version_taken")
        changed["contest"]["version"] = 2
        answer = await place.post("/api/contests", changed, "admin")
        assert (answer.status_code, answer.json()["version"]) == (201, 2)


async def test_every_fault_is_answered_with_its_line() -> None:
    async with served() as place:
        answer = await _adopt(place, TOML.replace("minutes = 30", "minutes = -1").replace("points = 5", "points = -5"))
        assert answer.status_code == 400
        assert answer.json()["code"] == "bad_definition"
        assert [fault["where"] for fault in answer.json()["faults"]] == ["line 6, contest.minutes", "line 16, stages[0].points"]
        assert len(await place.stores.ledger.contests()) == 1, "nothing of it is adopted"


@pytest.mark.parametrize(("lang", "told"), [("zh", "stage_s 为 -1，不能小于 0"), ("en", "stage_s is -1; it must not be below 0")])
async def test_what_a_rule_finds_wrong_is_answered_in_the_language_that_is_asked_for(lang: str, told: str) -> None:
    rule = '[[stages.rules]]\nrule = "time_limit"\nstage_s = -1\n'
    async with served() as place:
        headers = {**place.bearer("admin"), "Content-Type": "application/toml", "Accept-Language": lang}
        answer = await place.http.post(f"{place.url}/api/contests", content=f"{TOML}{rule}".encode(), headers=headers)
        assert [each["message"] for each in answer.json()["faults"]] == [told]
        assert answer.json()["detail"].endswith(told)


@pytest.mark.parametrize(
    ("text", "kind", "where"),
    [
        (TOML.replace("minutes = 30", 'contestants_file = "/etc/passwd"'), "application/toml", "line 6, contest.contestants_file"),
        ('{"format":1,"contest":{"id":"fair","contestants_file":"x.csv"}}', "application/json", "contest.contestants_file"),
        ("[" * 100_000, "application/json", "document"),
        ("[1]", "application/json", "document"),
        ("\udcff".encode("utf-8", "surrogatepass").decode("latin-1"), "application/toml", "document"),
        ("a = 1e9999999999", "application/toml", "format"),
        ("", "application/json", "document"),
    ],
)
async def test_what_is_no_definition_is_refused_by_its_place(text: str, kind: str, where: str) -> None:
    async with served() as place:
        answer = await _adopt(place, text, kind=kind)
        assert answer.status_code == 400, answer.text
        assert answer.json()["faults"][0]["where"] == where


async def test_a_document_that_is_too_large_is_not_read_to_its_end() -> None:
    async with served() as place:
        answer = await _adopt(place, "#" * 8_000_001)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("who", "adopts", "staff", "venue", "password"),
    [
        (None, 401, 401, 401, 401),
        ("yongjia", 403, 403, 403, 403),
        ("other staff", 403, 403, 403, 403),
        ("R1", 403, 403, 403, 403),
        ("staff", 403, 403, 201, 403),
        ("C1", 403, 403, 201, 403),
        ("admin", 200, 201, 201, 200),
    ],
)
async def test_who_may(who: str | None, adopts: int, staff: int, venue: int, password: int) -> None:
    here = f"/api/contests/{CUP}"
    async with served() as place:
        before = len(await place.stores.tokens.all())
        answers = [
            await place.post("/api/contests", document(), who),
            await place.post(f"{here}/tokens", {"role": "staff"}, who),
            await place.post(f"{here}/tokens", {"venue": "yongjia"}, who),
            await place.post(f"{here}/officials/R2/password", {}, who),
        ]
        assert [answer.status_code for answer in answers] == [adopts, staff, venue, password]
        issued = sum(answer.status_code == 201 for answer in answers)
        assert len(await place.stores.tokens.all()) == before + issued, "what is refused issues nothing"


async def test_a_token_is_for_a_venue_of_the_contest() -> None:
    async with served() as place:
        here = f"/api/contests/{CUP}/tokens"
        for body, status in (
            ({"venue": "nowhere"}, 404),
            ({}, 400),
            ({"role": "staff", "venue": "yongjia"}, 400),
            ({"role": "admin"}, 400),
        ):
            assert (await place.post(here, body, "admin")).status_code == status


async def test_a_revoked_token_is_good_for_nothing_and_staff_revoke_those_of_venues() -> None:
    async with served() as place:
        here = f"/api/contests/{CUP}/tokens"
        venue = (await place.post(here, {"venue": "yongjia"}, "staff")).json()
        staff = (await place.post(here, {"role": "staff"}, "admin")).json()

        async def revoke(token: str, who: str) -> int:
            return (await place.http.delete(f"{place.url}{here}/{token}", headers=place.bearer(who))).status_code

        assert await revoke(staff["id"], "staff") == 403
        assert [await revoke(venue["id"], "staff"), await revoke(venue["id"], "staff")] == [200, 404]
        assert await revoke(staff["id"], "admin") == 200
        events = f"/api/contests/{CUP}/venues/yongjia/events"
        assert (await place.post(events, batch(note(1)), venue["secret"], source="desk")).status_code == 403


async def test_a_password_that_the_server_made_lets_its_official_in() -> None:
    async with served() as place:
        here = f"/api/contests/{CUP}"
        made = (await place.post(f"{here}/officials/R1/password", {}, "admin")).json()["password"]
        assert (await place.post(f"{here}/login", {"official": "R1", "password": made})).status_code == 200
        given = await place.post(f"{here}/officials/R1/password", {"password": "another one"}, "admin")
        assert "password" not in given.json()
        assert (await place.post(f"{here}/login", {"official": "R1", "password": made})).status_code == 401
        assert (await place.post(f"{here}/officials/X9/password", {}, "admin")).status_code == 404
