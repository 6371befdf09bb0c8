"""A screen shows a code, somebody who may says whose screen it is, and the screen gets its token, once."""

from __future__ import annotations

import pytest

from contest_server.ledger import pairings
from contest_server.ledger.pairings import OPEN_US
from contest_server.web.house import CODES_MAX_AN_ADDRESS
from contest_server.web.tries import WRONG_MAX
from tests.contests import CUP, START_US, Json
from tests.web.places import Place, served

HERE = f"/api/contests/{CUP}"
PAIRINGS = "/api/displays/pairings"


class Clock:
    """Time that a test sets."""

    def __init__(self) -> None:
        self.us = START_US

    def __call__(self) -> int:
        return self.us


async def asked(place: Place) -> Json:
    answer = await place.post(PAIRINGS, {})
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def polled(place: Place, secret: str) -> tuple[int, Json]:
    answer = await place.post(f"{PAIRINGS}/poll", {"secret": secret})
    return answer.status_code, answer.json()


async def confirmed(place: Place, code: str, who: str | None = "staff", name: str = "hall 2, left", contest: str = CUP) -> tuple[int, str]:
    answer = await place.post(f"/api/contests/{contest}/displays/pairings/{code}", {"name": name}, who)
    return answer.status_code, answer.json().get("code", "")


async def test_a_screen_is_let_in_by_its_code_and_knows_its_name() -> None:
    async with served() as place:
        screen = await asked(place)
        assert screen["code"].isdigit()
        assert len(screen["code"]) == 6
        status, body = await polled(place, screen["secret"])
        assert (status, body["state"], body["code"]) == (200, "waiting", screen["code"])
        assert await confirmed(place, screen["code"]) == (200, "")
        status, body = await polled(place, screen["secret"])
        assert (status, body["state"], body["contest"], body["name"]) == (200, "paired", CUP, "hall 2, left")
        me = await place.get(f"{HERE}/displays/me", body["token"])
        assert (me["contest"], me["name"]) == (CUP, "hall 2, left")
        assert [(each.role, each.label) for each in await place.stores.tokens.all(CUP) if each.id == me["id"]] == [
            ("display", "hall 2, left")
        ]


async def test_the_token_is_answered_once() -> None:
    async with served() as place:
        screen = await asked(place)
        await confirmed(place, screen["code"])
        assert [(await polled(place, screen["secret"]))[0] for _ in range(3)] == [200, 404, 404]
        assert len([each for each in await place.stores.tokens.all(CUP) if each.role == "display"]) == 1


async def test_a_code_is_confirmed_once_and_by_whoever_directs_this_contest() -> None:
    async with served() as place:
        screen = await asked(place)
        for who, wanted in ((None, (401, "not_logged_in")), ("yongjia", (403, "not_allowed")), ("other staff", (403, "not_allowed"))):
            assert await confirmed(place, screen["code"], who) == wanted
        assert await confirmed(place, screen["code"], "R1") == (403, "not_allowed")
        assert await confirmed(place, screen["code"], "admin", contest="nowhere") == (404, "unknown_contest")
        assert await confirmed(place, screen["code"], "admin") == (200, "")
        assert await confirmed(place, screen["code"], "staff", "another name") == (404, "no_pairing")
        assert (await polled(place, screen["secret"]))[1]["name"] == "hall 2, left"


async def test_codes_cannot_be_guessed() -> None:
    clock = Clock()
    async with served(clock=clock) as place:
        screen = await asked(place)
        wrong = [f"{n:06}" for n in range(WRONG_MAX + 1) if f"{n:06}" != screen["code"]][:WRONG_MAX]
        assert [await confirmed(place, code) for code in wrong] == [(404, "no_pairing")] * WRONG_MAX
        assert await confirmed(place, screen["code"]) == (429, "too_many_tries")
        assert await confirmed(place, screen["code"], "admin") == (200, ""), "somebody else is not held up"
        for code in ("12345", "1234567", "abcdef", "١٢٣٤٥٦"):
            assert (await confirmed(place, code, "admin"))[0] == 400


async def test_a_code_is_over_after_its_time() -> None:
    clock = Clock()
    async with served(clock=clock) as place:
        screen = await asked(place)
        clock.us += OPEN_US
        assert (await polled(place, screen["secret"]))[0] == 404
        assert await confirmed(place, screen["code"]) == (404, "no_pairing")


async def test_the_secret_of_a_screen_is_no_token_and_a_token_no_secret() -> None:
    async with served() as place:
        screen = await asked(place)
        answer = await place.http.get(f"{place.url}{HERE}/displays/me", headers=place.bearer(screen["secret"]))
        assert answer.status_code == 403
        for wrong in (place.secrets["staff"], screen["code"], "ps_wrong", screen["secret"][:-1]):
            assert (await polled(place, wrong))[0] == 404


async def test_one_address_asks_for_so_many_codes_and_others_still_get_theirs() -> None:
    clock = Clock()
    async with served(clock=clock) as place:
        for _ in range(CODES_MAX_AN_ADDRESS):
            await asked(place)
        refused = await place.post(PAIRINGS, {})
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_codes")
        assert int(refused.headers["retry-after"]) == OPEN_US // 1_000_000
        clock.us += OPEN_US
        await asked(place)


async def test_there_is_a_largest_number_of_codes_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    async with served(clock=clock) as place:
        monkeypatch.setattr(pairings, "OPEN_MAX", 3)
        for _ in range(3):
            await asked(place)
        refused = await place.post(PAIRINGS, {})
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_codes")
        clock.us += OPEN_US
        await asked(place)


async def test_a_display_whose_token_is_revoked_loses_its_socket() -> None:
    async with served() as place:
        screen = await asked(place)
        await confirmed(place, screen["code"])
        token = (await polled(place, screen["secret"]))[1]["token"]
        me = await place.get(f"{HERE}/displays/me", token)
        async with place.display(token) as display:
            await display.frame()
            assert (await place.http.delete(f"{place.url}{HERE}/tokens/{me['id']}", headers=place.bearer("staff"))).status_code == 200
            assert await display.until_closed() == (4501, "not_allowed")
        gone = await place.http.get(f"{place.url}{HERE}/displays/me", headers=place.bearer(token))
        assert gone.status_code == 403
