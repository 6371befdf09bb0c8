"""People log in once for the installation; what is granted to them counts at once, and so does what is taken back."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import pytest

from contest_server.core.auditing import Auditor
from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import ContestId, OfficialId
from contest_server.core.roles import Role, Scope
from contest_server.core.times import text_of_us
from contest_server.ledger.officials import SESSION_US
from contest_server.ledger.urls import open_stores
from contest_server.ledger.verify_export import verify_export
from contest_server.live.adopting import adopt
from contest_server.web.access import COOKIE
from contest_server.web.tries import WINDOW_US, WRONG_MAX
from tests.contests import CUP, JUDGES, START_US, Json, document
from tests.web.marking import HERE, marked_document, wire
from tests.web.places import Place, batch, clear, equip, note, served
from tests.web.stating import said, with_policy

PASSWORD = "a good password"
EVENTS = f"/api/contests/{CUP}/venues/yongjia/events"


class Clock:
    """Time that a test sets."""

    def __init__(self) -> None:
        self.us = START_US

    def __call__(self) -> int:
        return self.us


async def person(place: Place, name: str, role: Role | None = None, at_us: int | None = None, **scope: str) -> str:
    """Somebody who is logged in, known as `name` to the place; returns the id of their grant."""
    accounts = place.stores.accounts
    await accounts.add(name, name.title(), START_US)
    await accounts.set_password(name, PASSWORD, START_US)
    grant = None if role is None else await accounts.grant(name, role, Scope(**scope), START_US)
    answer = await place.post("/api/login", {"account": name, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    place.secrets[name] = answer.json()["token"]
    return "" if grant is None else grant.id


async def status(place: Place, method: str, path: str, who: str | None, body: Any = None) -> int:
    answer = await place.http.request(method, f"{place.url}{path}", headers=place.bearer(who), json=body)
    return answer.status_code


async def test_who_gives_the_password_is_in_and_told_what_is_granted() -> None:
    clock = Clock()
    async with served(clock=clock) as place:
        await person(place, "lin.mei", "director", contest=CUP)
        me = await place.get("/api/me", "lin.mei")
        assert (me["account"], me["name"], me["has_password"]) == ("lin.mei", "Lin.Mei", True)
        assert [(each["role"], each["contest"]) for each in me["grants"]] == [("director", CUP)]
        clock.us += SESSION_US
        assert await status(place, "GET", "/api/me", "lin.mei") == 401


async def test_the_cookie_is_as_good_as_the_secret_and_no_script_reads_it() -> None:
    async with served() as place:
        await person(place, "lin.mei", "director", contest=CUP)
        answer = await place.post("/api/login", {"account": "lin.mei", "password": PASSWORD})
        cookie, _ = answer.headers.get_list("set-cookie")
        assert cookie.startswith(f"{COOKIE}=as_")
        assert {part.strip().lower() for part in cookie.split(";")[1:]} == {"httponly", "samesite=strict", "path=/"}
        headers = {"Cookie": f"{COOKIE}={place.secrets['lin.mei']}"}
        for origin, wanted in ((None, 200), (place.url, 200), ("http://evil.example", 401)):
            sent = headers if origin is None else {**headers, "Origin": origin}
            assert (await place.http.post(f"{place.url}{HERE}/thaw", headers=sent)).status_code == wanted, origin
        token_as_cookie = {"Cookie": f"{COOKIE}={place.secrets['admin']}"}
        assert (await place.http.post(f"{place.url}{HERE}/thaw", headers=token_as_cookie)).status_code == 401, "a token is no session"


@pytest.mark.parametrize("body", [{"account": "lin.mei", "password": "guess"}, {"account": "nobody", "password": PASSWORD}])
async def test_a_wrong_password_and_no_such_account_are_answered_alike(body: Json) -> None:
    async with served() as place:
        await person(place, "lin.mei")
        answer = await place.post("/api/login", body)
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_login")
        assert answer.json()["detail"] == "this is not the password of an account, or the account is disabled"


async def test_after_ten_wrong_tries_not_even_the_right_password_is_taken_for_a_while() -> None:
    clock = Clock()
    async with served(clock=clock) as place:
        await person(place, "lin.mei")
        for _ in range(WRONG_MAX):
            assert (await place.post("/api/login", {"account": "lin.mei", "password": "guess"})).status_code == 401
        refused = await place.post("/api/login", {"account": "lin.mei", "password": PASSWORD})
        assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, "too_many_tries", "300")
        assert await status(place, "GET", "/api/me", "lin.mei") == 200, "who is logged in stays so"
        clock.us += WINDOW_US
        assert (await place.post("/api/login", {"account": "lin.mei", "password": PASSWORD})).status_code == 200


async def test_a_changed_password_ends_the_other_sessions_and_needs_the_old_one() -> None:
    async with served() as place:
        await person(place, "lin.mei")
        elsewhere = (await place.post("/api/login", {"account": "lin.mei", "password": PASSWORD})).json()["token"]
        wrong = await place.post("/api/password", {"old": "guess", "new": "another password"}, "lin.mei")
        assert (wrong.status_code, wrong.json()["code"]) == (401, "bad_login")
        short = await place.post("/api/password", {"old": PASSWORD, "new": "short"}, "lin.mei")
        assert (short.status_code, short.json()["code"]) == (400, "bad_request")
        assert await status(place, "GET", "/api/me", elsewhere) == 200
        assert (await place.post("/api/password", {"old": PASSWORD, "new": "another password"}, "lin.mei")).status_code == 200
        assert [await status(place, "GET", "/api/me", who) for who in ("lin.mei", elsewhere)] == [200, 401]
        assert (await place.post("/api/login", {"account": "lin.mei", "password": PASSWORD})).status_code == 401


async def test_the_old_password_cannot_be_guessed_on_a_page_that_was_left_open() -> None:
    async with served() as place:
        await person(place, "lin.mei")
        change = {"old": "guess", "new": "another password"}
        answers = [(await place.post("/api/password", change, "lin.mei")).status_code for _ in range(WRONG_MAX + 1)]
        assert answers == [401] * WRONG_MAX + [429]


async def test_logging_out_ends_this_session_wherever_it_is_asked() -> None:
    async with served() as place:
        await person(place, "lin.mei", "chief", contest=CUP, official="C1")
        await place.post("/api/logout", {}, "lin.mei")
        assert await status(place, "GET", "/api/me", "lin.mei") == 401
        again = (await place.post("/api/login", {"account": "lin.mei", "password": PASSWORD})).json()["token"]
        await place.post(f"{HERE}/logout", {}, again)
        assert await status(place, "GET", "/api/me", again) == 401


# ---- acting as an official -------------------------------------------------------------------------------------------------------


async def test_an_account_acts_as_the_official_that_it_is_granted_to_be() -> None:
    """By the official's name, with the role and the recusals that the definition gives."""
    async with served(document_=marked_document()) as place:
        await wire(place, "B2")
        await person(place, "wei.lan", "referee", contest=CUP, official="R1")
        await person(place, "tang.yu", "chief", contest=CUP, official="C1")
        me = await place.get(f"{HERE}/me", "tang.yu")
        assert (me["official"]["id"], me["official"]["role"]) == ("C1", "chief")
        case = await place.get(f"{HERE}/cases/B2/wiring", "wei.lan")
        assert case["recused"] is True
        ruling = {"contestant": "B2", "stage": "wiring", "attempt": "1", "code": "other", "reason": "seen on video", "basis": case["basis"]}
        refused = await place.post(f"{HERE}/rulings", {**ruling, "id": "r1", "action": {"verb": "confirm"}}, "wei.lan")
        assert (refused.status_code, refused.json()["code"]) == (403, "recused")
        ruled = await place.post(f"{HERE}/rulings", {**ruling, "id": "r2", "action": {"verb": "confirm"}}, "tang.yu")
        assert ruled.json()["ruling"]["official"] == "C1"
        [entry] = await place.stores.ledger.read(CUP, ruled.json()["position"] - 1)
        assert entry.author == "official:C1"


async def test_an_official_with_an_account_gives_the_password_of_the_account_again() -> None:
    clock = Clock()
    async with served(document_=marked_document(), clock=clock) as place:
        await person(place, "tang.yu", "chief", contest=CUP, official="C1")
        clock.us += 16 * 60 * 1_000_000
        status_ = {
            "contestant": "B2",
            "id": "r1",
            "code": "other",
            "reason": "was not there",
            "action": {"verb": "status", "status": "dnf"},
        }
        assert (await place.post(f"{HERE}/rulings", status_, "tang.yu")).json()["code"] == "not_fresh"
        assert (await place.post(f"{HERE}/login/fresh", {"password": "password of C1"}, "tang.yu")).status_code == 401
        assert (await place.post(f"{HERE}/login/fresh", {"password": PASSWORD}, "tang.yu")).status_code == 200
        assert (await place.post(f"{HERE}/rulings", status_, "tang.yu")).status_code == 200


# ---- the other roles -------------------------------------------------------------------------------------------------------------


async def test_an_operator_speaks_for_the_own_venue_as_its_token_does() -> None:
    async with served() as place:
        await person(place, "chen", "venue", contest=CUP, venue="yongjia")
        sent = await place.post(EVENTS, batch(clear(1)), "chen", source="desk")
        assert sent.status_code == 200, sent.text
        other = f"/api/contests/{CUP}/venues/yueqing/events"
        assert (await place.post(other, batch(note(1)), "chen", source="desk")).status_code == 403
        handover = {"id": "h1", "venue": "yongjia", "counts": {"yongjia/desk": 1}}
        assert (await place.post(f"{HERE}/handovers", handover, "chen")).json()["missing"] == 0
        assert (await place.post(f"{HERE}/handovers", {**handover, "id": "h2", "venue": "yueqing"}, "chen")).status_code == 403
        async with place.venue("yongjia", "desk-2", who="chen") as venue:
            assert (await venue.send(note(1)))["seq"] == 1


async def test_an_auditor_reads_everything_and_changes_nothing() -> None:
    async with served(document_=marked_document()) as place:
        await wire(place, "B2")
        await person(place, "auditor", "auditor", contest=CUP)
        before = (await place.stores.ledger.head(CUP)).position
        for path in ("cases", "cases/B2/wiring", "marks", "flags", "rulings", "appeals", "signoffs", "samples", "blind", "definition",
                     "officials", "chief", "venues", "entries/1", "rejudgings", "corrections"):  # fmt: skip
            assert await status(place, "GET", f"{HERE}/{path}", "auditor") == 200, path
        assert (await place.board("auditor", audience="staff"))["total"] == 5
        case = await place.get(f"{HERE}/cases/B2/wiring", "auditor")
        assert (case["recused"], {each["mine"] for each in case["marks"]}) == (False, {None})
        for path in ("rulings", "thaw", "marks", "publish", "finalise", "tokens"):
            assert await status(place, "POST", f"{HERE}/{path}", "auditor", {}) == 403, path
        assert (await place.stores.ledger.head(CUP)).position == before


async def test_a_contestant_reads_and_appeals_for_themself_only() -> None:
    async with served(document_=marked_document()) as place:
        await wire(place, "B2")
        await person(place, "b2", "contestant", contest=CUP, contestant="B2")
        own = await place.get(f"{HERE}/own", "b2")
        assert (own["contestant"], own["published"], [each["stage"] for each in own["reasons"]]) == ("B2", None, ["wiring"])
        appeal = {"id": "a1", "contestant": "B2", "stage": "wiring", "text": "the lamp did light"}
        filed = await place.post(f"{HERE}/appeals", appeal, "b2")
        assert filed.json()["appeal"]["official"] == "contestant:B2"
        [entry] = await place.stores.ledger.read(CUP, filed.json()["position"] - 1)
        assert entry.author == "account:b2"
        refused = await place.post(f"{HERE}/appeals", {**appeal, "id": "a2", "contestant": "A1"}, "b2")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
        await place.post(f"{HERE}/appeals", {**appeal, "id": "a3", "contestant": "A1", "stage": None}, "R2")
        assert [each["id"] for each in (await place.get(f"{HERE}/appeals", "b2"))["appeals"]] == ["a1"]
        assert [each["id"] for each in (await place.get(f"{HERE}/own", "b2"))["appeals"]] == ["a1"]
        await place.order("freeze", minutes=5)
        assert (await place.get(f"{HERE}/own", "b2"))["reasons"] == []
        auditor = Auditor(JUDGES)
        for each in await place.stores.ledger.read(CUP, 0):
            auditor.take(each)
        assert [found.code for found in auditor.findings] == [], "an audit finds nothing wrong with it"


async def test_the_export_over_http_is_the_one_that_can_be_verified(tmp_path: Any) -> None:
    async with served() as place:
        await place.post(EVENTS, batch(clear(1)), "yongjia", source="desk")
        answer = await place.http.get(f"{place.url}{HERE}/export", headers=place.bearer("admin"))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
        file = tmp_path / "export.ndjson"
        file.write_bytes(answer.content)
        with file.open("rb") as stream:
            assert verify_export(stream).entries == 2


async def test_the_export_of_a_contest_with_a_chinese_name_of_its_own_is_a_file_of_that_name() -> None:
    other = document(contest={"id": "电工决赛"})
    async with served() as place:
        await adopt(place.stores, compile_rulebook(read_definition(other), JUDGES), "test", START_US)
        answer = await place.http.get(f"{place.url}/api/contests/{quote('电工决赛')}/export", headers=place.bearer("admin"))
        assert answer.status_code == 200
        name = quote("电工决赛.ndjson")
        assert answer.headers["content-disposition"] == f"attachment; filename=\"export.ndjson\"; filename*=UTF-8''{name}"


# ---- what is taken back ----------------------------------------------------------------------------------------------------------


async def test_a_grant_that_is_taken_back_closes_the_sockets_that_rest_on_it() -> None:
    async with served() as place:
        await person(place, "boss", "admin")
        director = await person(place, "director", "director", contest=CUP)
        chief = await person(place, "tang.yu", "chief", contest=CUP, official="C1")
        async with place.display("director", audience="staff") as screen, place.reviews("tang.yu") as queue:
            await screen.frame()
            for name, grant in (("director", director), ("tang.yu", chief)):
                answer = await place.http.delete(f"{place.url}/api/accounts/{name}/grants/{grant}", headers=place.bearer("boss"))
                assert answer.status_code == 200, answer.text
            assert await screen.until_closed() == (4501, "not_allowed")
            assert await queue.until_closed() == (4501, "not_allowed")
        assert await status(place, "POST", f"{HERE}/thaw", "director") == 403
        assert await status(place, "GET", f"{HERE}/cases", "tang.yu") == 403


async def test_a_disabled_account_loses_its_sockets_and_its_sessions() -> None:
    async with served() as place:
        await person(place, "boss", "admin")
        await person(place, "chen", "venue", contest=CUP, venue="yongjia")
        async with place.venue("yongjia", "desk", who="chen") as venue:
            assert (await place.post("/api/accounts/chen/disable", {}, "boss")).json()["disabled"] is not None
            assert await venue.until_closed() == (4501, "not_allowed")
        assert (await place.post("/api/login", {"account": "chen", "password": PASSWORD})).status_code == 401
        assert (await place.post("/api/accounts/chen/enable", {}, "boss")).json()["disabled"] is None
        assert (await place.post("/api/login", {"account": "chen", "password": PASSWORD})).status_code == 200


# ---- administering ---------------------------------------------------------------------------------------------------------------


async def test_an_administrator_lets_people_in_over_http() -> None:
    async with served() as place:
        made = await place.post("/api/accounts", {"account": "lin.mei", "name": "林梅"}, "admin")
        assert made.status_code == 201, made.text
        logged_in = await place.post("/api/login", {"account": "lin.mei", "password": made.json()["password"]})
        assert logged_in.status_code == 200
        token = logged_in.json()["token"]
        assert await status(place, "POST", f"{HERE}/thaw", token) == 403
        grant = await place.post("/api/accounts/lin.mei/grants", {"role": "director", "contest": CUP}, "admin")
        assert (grant.status_code, grant.json()["role"]) == (201, "director")
        assert await status(place, "POST", f"{HERE}/thaw", token) == 200
        listed = (await place.get("/api/accounts", "admin"))["accounts"]
        assert [(each["account"], each["name"], len(each["grants"])) for each in listed] == [("lin.mei", "林梅", 1)]
        assert "password" not in str(listed).replace("has_password", "")
        again = await place.post("/api/accounts", {"account": "lin.mei", "name": "another"}, "admin")
        assert (again.status_code, again.json()["code"]) == (409, "account_taken")


WRONG: list[tuple[Json, int, str]] = [
    ({"role": "director", "contest": "nowhere"}, 404, "unknown_contest"),
    ({"role": "venue", "contest": CUP, "venue": "nowhere"}, 404, "unknown_venue"),
    ({"role": "chief", "contest": CUP, "official": "R9"}, 404, "unknown_official"),
    ({"role": "contestant", "contest": CUP, "contestant": "Z9"}, 404, "unknown_contestant"),
    ({"role": "chief", "contest": CUP}, 400, "bad_request"),
    ({"role": "admin", "contest": CUP}, 400, "bad_request"),
    ({"role": "display", "contest": CUP}, 400, "bad_request"),
    ({"role": "king"}, 400, "bad_request"),
]


@pytest.mark.parametrize(("body", "status_", "code"), WRONG)
async def test_a_grant_that_makes_no_sense_is_refused(body: Json, status_: int, code: str) -> None:
    async with served() as place:
        await person(place, "lin.mei")
        answer = await place.post("/api/accounts/lin.mei/grants", body, "admin")
        assert (answer.status_code, answer.json()["code"]) == (status_, code)


async def test_nobody_disables_the_last_administrator() -> None:
    async with served() as place:
        await person(place, "boss", "admin")
        answer = await place.post("/api/accounts/boss/disable", {}, "boss")
        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
        assert await status(place, "GET", "/api/accounts", "boss") == 200


async def test_a_new_password_from_an_administrator_ends_the_sessions() -> None:
    async with served() as place:
        await person(place, "lin.mei")
        made = (await place.post("/api/accounts/lin.mei/password", {}, "admin")).json()["password"]
        assert await status(place, "GET", "/api/me", "lin.mei") == 401
        assert (await place.post("/api/login", {"account": "lin.mei", "password": made})).status_code == 200


# ---- tokens ----------------------------------------------------------------------------------------------------------------------


async def test_a_rotated_token_goes_on_for_its_grace_and_then_ends_with_its_sockets() -> None:
    clock = Clock()
    async with served(clock=clock) as place:
        issued = (await place.post(f"{HERE}/tokens", {"venue": "yongjia", "label": "door"}, "staff")).json()
        rotated = (await place.post(f"{HERE}/tokens/{issued['id']}/rotate", {"grace_s": 60}, "staff")).json()
        assert (rotated["follows"], rotated["label"], rotated["venue"]) == (issued["id"], "door", "yongjia")
        again = await place.post(f"{HERE}/tokens/{issued['id']}/rotate", {}, "staff")
        assert (again.status_code, again.json()["code"]) == (409, "rotated_already")
        async with place.venue("yongjia", "old", who=issued["secret"]) as old, place.venue("yongjia", "new", who=rotated["secret"]) as new:
            clock.us += 60 * 1_000_000
            assert await old.until_closed() == (4501, "not_allowed")
            assert (await new.send(note(1)))["seq"] == 1
        states = {each["id"]: each["state"] for each in (await place.get(f"{HERE}/tokens", "staff"))["tokens"]}
        assert (states[issued["id"]], states[rotated["id"]]) == ("expired", "in_force")


async def test_a_token_ends_by_itself_when_it_was_said() -> None:
    clock = Clock()
    async with served(clock=clock) as place:
        body = {"role": "auditor", "expires": "2026-11-22T02:00:00Z"}
        token = (await place.post(f"{HERE}/tokens", body, "admin")).json()["secret"]
        assert await status(place, "GET", f"{HERE}/flags", token) == 200
        clock.us = START_US + 3_600 * 1_000_000
        assert await status(place, "GET", f"{HERE}/flags", token) == 403
        late = await place.post(f"{HERE}/tokens", {**body, "expires": "2020-01-01T00:00:00Z"}, "admin")
        assert (late.status_code, late.json()["code"]) == (400, "bad_request")


async def test_a_director_issues_for_venues_and_displays_of_the_own_contest_only() -> None:
    async with served() as place:
        for role, wanted in (("venue", 201), ("display", 201), ("director", 403), ("auditor", 403)):
            body = {"role": role, "label": role, **({"venue": "yongjia"} if role == "venue" else {})}
            assert (await place.post(f"{HERE}/tokens", body, "staff")).status_code == wanted, role
        mine = {each["role"]: each["id"] for each in (await place.get(f"{HERE}/tokens", "staff"))["tokens"]}
        assert (await place.post(f"{HERE}/tokens/{mine['director']}/rotate", {}, "staff")).status_code == 403
        elsewhere = next(each for each in await place.stores.tokens.all(ContestId("other")))
        assert await status(place, "DELETE", f"{HERE}/tokens/{elsewhere.id}", "admin") == 404, "by the path of another contest"
        assert await status(place, "DELETE", f"/api/tokens/{elsewhere.id}", "admin") == 200
        assert (await place.post("/api/tokens", {"role": "admin", "label": "spare"}, "admin")).json()["contest"] is None


async def test_nothing_secret_is_in_what_is_listed() -> None:
    async with served() as place:
        await person(place, "lin.mei", "director", contest=CUP)
        listed = str(await place.get("/api/tokens", "admin")) + str(await place.get("/api/accounts", "admin"))
        assert not [name for name, secret in place.secrets.items() if secret in listed or secret[3:] in listed]
        assert PASSWORD not in listed
        assert "argon2" not in listed


async def test_who_is_official_and_contestant_appeals_as_an_official() -> None:
    async with served(document_=marked_document()) as place:
        await person(place, "wei.lan", "contestant", contest=CUP, contestant="A1")
        await place.stores.accounts.grant("wei.lan", "referee", Scope(CUP, official="R2"), START_US)
        appeal = {"id": "a1", "contestant": "B1", "text": "for somebody else"}
        assert (await place.post(f"{HERE}/appeals", appeal, "wei.lan")).json()["appeal"]["official"] == OfficialId("R2")


# ---- several servers -------------------------------------------------------------------------------------------------------------


async def test_who_logs_in_at_one_server_is_known_at_the_other_and_loses_their_sockets_there(postgres_url: str) -> None:
    """Two servers on one PostgreSQL: sessions, grants and codes of screens are where the ledger is."""
    here, there = await asyncio.to_thread(open_stores, postgres_url), await asyncio.to_thread(open_stores, postgres_url)
    try:
        secrets = await equip(here)
        async with served(here, secrets=secrets) as one, served(there, secrets=secrets) as other:
            await person(one, "boss", "admin")
            grant = await person(one, "director", "director", contest=CUP)
            assert await status(other, "POST", f"{HERE}/thaw", one.secrets["director"]) == 200
            screen = (await one.post("/api/displays/pairings", {})).json()
            assert await status(other, "POST", f"{HERE}/displays/pairings/{screen['code']}", "staff", {"name": "left"}) == 200
            paired = (await one.post("/api/displays/pairings/poll", {"secret": screen["secret"]})).json()
            assert (await other.get(f"{HERE}/displays/me", paired["token"]))["name"] == "left"
            async with other.display(one.secrets["director"], audience="staff") as display:
                await display.frame()
                assert await status(one, "DELETE", f"/api/accounts/director/grants/{grant}", "boss") == 200
                assert await display.until_closed() == (4501, "not_allowed")
    finally:
        await here.close()
        await there.close()


async def test_a_contestant_is_told_beforehand_until_when_an_appeal_is_in_time() -> None:
    clock = Clock()
    async with served(document_=with_policy(appeal_minutes=30), clock=clock) as place:
        await person(place, "b2", "contestant", contest=CUP, contestant="B2")
        assert (await place.get(f"{HERE}/own", "b2"))["appeals_until"] is None
        await said(place, "publish", "C1", id="p1")
        until = text_of_us(clock.us + 30 * 60_000_000)
        assert (await place.get(f"{HERE}/own", "b2"))["appeals_until"] == until
        clock.us += 31 * 60_000_000
        appeal = {"id": "a1", "contestant": "B2", "text": "the lamp did light"}
        filed = (await place.post(f"{HERE}/appeals", appeal, "b2")).json()["appeal"]
        assert (filed["state"], filed["deadline"]) == ("late", until)
