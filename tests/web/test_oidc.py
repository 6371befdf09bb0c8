"""An identity provider lets in the accounts that are there, and only with what it signed for this server, this browser and this login."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from contest_server.core.roles import Scope
from contest_server.live.settings import Settings
from contest_server.web.access import COOKIE
from contest_server.web.oidc import FLOW_COOKIE
from contest_server.web.oidc_provider import Provider, ProviderFault
from tests.contests import CUP, START_US, Json
from tests.web.identity import CLIENT, CLIENT_SECRET, Identity, identity
from tests.web.places import PATIENCE_S, Place, served

HERE = f"/api/contests/{CUP}"


@asynccontextmanager
async def with_provider(**settings: Any) -> AsyncIterator[tuple[Place, Identity]]:
    async with identity() as provider:
        asked = {"oidc_issuer": provider.url, "oidc_client_id": CLIENT, "oidc_client_secret": CLIENT_SECRET}
        async with served(**{**asked, **settings}) as place:
            yield place, provider


def patient() -> httpx.AsyncClient:
    """A browser that waits as long as anything may take."""
    return httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False)


async def through(place: Place, *, fresh: bool = False, headers: dict[str, str] | None = None) -> httpx.Response:
    """As a browser goes: to the provider, and back with what it answers; returns the page that one comes back to."""
    async with patient() as browser:
        begun = await browser.get(f"{place.url}/api/oidc/login", params={"fresh": fresh})
        assert begun.status_code == 303, begun.text
        sent_back = await browser.get(begun.headers["location"])
        return await browser.get(sent_back.headers["location"], headers=headers or {"Sec-Fetch-Site": "cross-site"})


def secret_of(answer: httpx.Response) -> str | None:
    """The session that was begun."""
    return answer.cookies.get(COOKIE)


async def test_an_existing_account_comes_in_by_its_subject() -> None:
    async with with_provider() as (place, provider):
        await place.stores.accounts.add("lin.mei", "Lin Mei", START_US, subject="s-1")
        await place.stores.accounts.grant("lin.mei", "director", Scope(CUP), START_US)
        answer = await through(place)
        assert answer.status_code == 200
        assert "url=/account" in answer.text
        secret = secret_of(answer)
        assert secret is not None
        assert (await place.get("/api/me", secret))["account"] == "lin.mei"
        assert (await place.post(f"{HERE}/thaw", {}, secret)).status_code == 200
        [asked] = provider.asked
        assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == ("code", "openid email", "S256")
        assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
        assert await place.get("/api/login") == {"password": True, "oidc": True}


EMAILS: list[tuple[Json, bool]] = [
    ({"email": "Lin@example.org", "email_verified": True}, True),
    ({"email": "lin@example.org", "email_verified": False}, False),
    ({"email": "lin@example.org", "email_verified": "true"}, False),
    ({"email": "lin@example.org"}, False),
    ({"email": "else@example.org", "email_verified": True}, False),
    ({"email": ["lin@example.org"], "email_verified": True}, False),
]


@pytest.mark.parametrize(("claims", "comes_in"), EMAILS)
async def test_an_email_counts_only_where_the_provider_has_verified_it(claims: Json, comes_in: bool) -> None:
    async with with_provider() as (place, provider):
        await place.stores.accounts.add("lin.mei", "Lin Mei", START_US, email="lin@example.org")
        provider.claims |= claims
        answer = await through(place)
        assert (secret_of(answer) is not None) == comes_in
        assert answer.status_code == (200 if comes_in else 403)


async def test_nobody_new_gets_an_account() -> None:
    async with with_provider() as (place, provider):
        provider.claims |= {"email": "new@example.org", "email_verified": True}
        answer = await through(place)
        assert (answer.status_code, secret_of(answer)) == (403, None)
        assert "refused=unknown_account" in answer.text
        assert await place.stores.accounts.all() == []


async def test_a_disabled_account_stays_out() -> None:
    async with with_provider() as (place, _):
        await place.stores.accounts.add("lin.mei", "Lin Mei", START_US, subject="s-1")
        await place.stores.accounts.disable("lin.mei", START_US)
        assert (await through(place)).status_code == 403


SPOILT: list[Json] = [
    {"iss": "http://127.0.0.1:1"}, {"aud": "somebody else"}, {"aud": ["somebody else", "contests"]}, {"nonce": "another"}, {"nonce": None},
    {"exp": 1}, {"exp": None}, {"sub": None}, {"sub": ""}, {"sub": 7}, {"azp": "somebody else"}, {"iat": None},
]  # fmt: skip


@pytest.mark.parametrize("spoilt", SPOILT, ids=str)
async def test_a_token_for_somebody_else_or_another_login_is_not_believed(spoilt: Json) -> None:
    async with with_provider() as (place, provider):
        await place.stores.accounts.add("lin.mei", "Lin Mei", START_US, subject="s-1")
        provider.spoilt = spoilt
        answer = await through(place)
        assert (answer.status_code, secret_of(answer)) == (502, None)
        assert "refused=provider_fault" in answer.text


async def test_a_token_that_another_key_signed_is_not_believed() -> None:
    async with with_provider() as (place, provider):
        await place.stores.accounts.add("lin.mei", "Lin Mei", START_US, subject="s-1")
        provider.wrong_key = True
        assert (await through(place)).status_code == 502


async def test_an_answer_counts_only_in_the_browser_that_asked() -> None:
    """Somebody else's code, sent to a browser that asked for none or for another, begins no session there."""
    async with with_provider() as (place, _), patient() as attacker, patient() as victim:
        await place.stores.accounts.add("lin.mei", "Lin Mei", START_US, subject="s-1")
        begun = await attacker.get(f"{place.url}/api/oidc/login")
        back = (await attacker.get(begun.headers["location"])).headers["location"]
        assert (await victim.get(back)).status_code == 400
        await victim.get(f"{place.url}/api/oidc/login")
        answer = await victim.get(back)
        assert (answer.status_code, secret_of(answer)) == (400, None)
        cookie = attacker.cookies[FLOW_COOKIE]
        body, _, signature = cookie.partition(".")
        for wrong in (body, f"{body}.", f"{body}x.{signature}", f".{signature}", "."):
            answer = await victim.get(back, headers={"Cookie": f"{FLOW_COOKIE}={wrong}"})
            assert answer.status_code == 400, wrong


async def test_a_code_is_good_once_and_a_refusal_of_the_provider_is_told() -> None:
    async with with_provider() as (place, _), patient() as browser:
        await place.stores.accounts.add("lin.mei", "Lin Mei", START_US, subject="s-1")
        begun = await browser.get(f"{place.url}/api/oidc/login")
        flow, back = browser.cookies[FLOW_COOKIE], (await browser.get(begun.headers["location"])).headers["location"]
        assert (await browser.get(back)).status_code == 200
        assert (await browser.get(back, headers={"Cookie": f"{FLOW_COOKIE}={flow}"})).status_code == 502, "sent once more"
        state = parse_qs(urlsplit(back).query)["state"][0]
        told = await browser.get(
            f"{place.url}/api/oidc/callback", params={"state": state, "error": "access_denied"}, headers={"Cookie": f"{FLOW_COOKIE}={flow}"}
        )
        assert (told.status_code, "refused=provider_refused" in told.text) == (403, True)


async def test_a_session_is_fresh_only_where_the_provider_says_when_it_asked_for_the_password() -> None:
    async with with_provider() as (place, provider):
        await place.stores.accounts.add("tang.yu", "Tang Yu", START_US, subject="s-1")
        await place.stores.accounts.grant("tang.yu", "chief", Scope(CUP, official="C1"), START_US)
        status = {"contestant": "A1", "id": "r1", "code": "other", "reason": "was not there", "action": {"verb": "status", "status": "dnf"}}
        stale = await place.post(f"{HERE}/rulings", status, secret_of(await through(place)))
        assert stale.json()["code"] == "not_fresh"
        assert (await through(place, fresh=True)).status_code == 502, "asked to ask again, it has to say so"
        assert provider.asked[-1]["prompt"] == "login"
        provider.claims["auth_time"] = int(time.time())
        fresh = await place.post(f"{HERE}/rulings", status, secret_of(await through(place, fresh=True)))
        assert fresh.status_code == 200, fresh.text


async def test_without_a_provider_there_is_no_such_way() -> None:
    async with served() as place:
        for path in ("login", "callback"):
            answer = await place.http.get(f"{place.url}/api/oidc/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "no_provider")
        assert await place.get("/api/login") == {"password": True, "oidc": False}


async def test_a_provider_that_is_away_is_named_without_anything_secret() -> None:
    async with served(oidc_issuer="http://127.0.0.1:9", oidc_client_id=CLIENT, oidc_client_secret=CLIENT_SECRET) as place:
        answer = await place.http.get(f"{place.url}/api/oidc/login")
        assert (answer.status_code, answer.json()["code"]) == (502, "provider_fault")
        assert CLIENT_SECRET not in answer.text


WRONG: list[tuple[Json, str]] = [
    ({"oidc_issuer": "http://id.example.org"}, "https"),
    ({"oidc_issuer": "ftp://id.example.org"}, "https"),
    ({"oidc_issuer": "https://id.example.org", "oidc_client_id": ""}, "CLIENT_ID"),
    ({"oidc_issuer": "https://id.example.org", "oidc_client_secret": None}, "CLIENT_SECRET"),
]


@pytest.mark.parametrize(("settings", "what"), WRONG)
def test_settings_that_cannot_work_are_named(settings: Json, what: str) -> None:
    asked: Json = {"oidc_client_id": CLIENT, "oidc_client_secret": CLIENT_SECRET, **settings}
    with pytest.raises(ProviderFault, match=what):
        Provider(Settings(**asked))
