"""No secret is ever in a log, an address or an answer that is not about it: everything is said at the top of its voice, and searched."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import structlog
from websockets.exceptions import ConnectionClosed

from contest_server.web.access import COOKIE
from contest_server.web.guarded import Guarded
from contest_server.web.pages import STATIC
from tests.contests import CUP
from tests.web.places import EVENTS, REVIEWS, Client, Place, Referee, dialled, note, password_of, served

HERE = f"/api/contests/{CUP}"
WRONG = {"password": "a wrong password 4711", "token": "vt_wrong-token-0815", "cookie": "os_wrong-cookie-2342"}
BREAKING = "R1\r\n2026-01-01 [info] official R1 was let in\x1b[2J\u2028"
"""A name that would like to be a line of the log by itself, and to clear the terminal of whoever reads it."""


LOGGERS = ("", "uvicorn", "uvicorn.error", "uvicorn.access", "asyncio", "websockets", "fastapi", "sqlalchemy")


OF_THE_TEST = ("websockets.client", "httpx", "httpcore")


@contextmanager
def loud() -> Iterator[list[str]]:
    """Every line of every log, from DEBUG on. To be entered once the server is there: it sets its logs up itself."""
    lines: list[str] = []

    class Everything(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not record.name.startswith(OF_THE_TEST):
                lines.append(f"{record.name} {record.getMessage()} {record.exc_info or ''}")

    handler, loggers = Everything(logging.DEBUG), [logging.getLogger(name) for name in LOGGERS]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)


async def everybody_comes_and_goes(place: Place) -> list[str]:
    """Logins, right and wrong, tokens and sockets; returns the answers that are not about a secret."""
    http, said = place.http, []
    for official in ("R1", "C1"):
        for password in (WRONG["password"], password_of(official)):
            await place.post(f"{HERE}/login", {"official": official, "password": password})
    said.append((await place.post(f"{HERE}/login", {"official": BREAKING[:60], "password": WRONG["password"]})).text)
    said.append(
        (await place.post(f"{HERE}/login", {"official": WRONG["password"], "password": "x", "extra": WRONG["password"][::-1]})).text
    )
    for who in (*place.secrets, WRONG["token"]):
        for path in ("me", "flags", "board?audience=staff", "marks", "venues", "officials", "roster", "cases"):
            answer = await http.get(f"{place.url}{HERE}/{path}", headers=place.bearer(who))
            said += [answer.text, str(answer.url), str(answer.headers)]
        said.append((await place.post(f"{HERE}/login/fresh", {"password": WRONG["password"]}, who)).text)
        async with place.socket(EVENTS.format(venue="yongjia"), who) as socket:
            client = Client(socket)
            with suppress(ConnectionClosed):
                await client.say({"type": "hello", "source": "loud"})
            said.append(str(await client.next()))
    for secret in (place.secrets["R2"], WRONG["cookie"]):
        said.append((await http.get(f"{place.url}{HERE}/me", headers={"Cookie": f"{COOKIE}={secret}"})).text)
        async with place.socket(REVIEWS) as socket:
            referee = Referee(socket)
            await referee.say({"type": "hello", "token": secret})
            said.append(str(await referee.next()))
        cookie = {"Cookie": f"{COOKIE}={secret}", "Origin": place.url}
        async with dialled(place.url, f"{HERE}/board?audience=staff", cookie) as socket:
            said.append(str(await Client(socket).next()))
    async with place.venue() as venue:
        await venue.send(note(1))
    return [*said, (await http.post(f"{place.url}{HERE}/logout", headers=place.bearer("R3"))).text]


def secrets_of(place: Place) -> list[str]:
    passwords = [password_of(official) for official in ("R1", "R2", "R3", "C1")]
    return [*place.secrets.values(), *WRONG.values(), WRONG["password"][::-1], *passwords]


async def test_no_secret_is_in_any_log_or_answer(capfd: pytest.CaptureFixture[str]) -> None:
    async with served() as place:
        with loud() as lines:
            said = await everybody_comes_and_goes(place)
        secrets = secrets_of(place)
    told = capfd.readouterr()
    logged = "\n".join([*lines, told.out, told.err])
    assert "wrong password" in logged
    assert "WebSocket" in logged, "the logs are on, those of the sockets too"
    assert [secret for secret in secrets if secret in logged] == []
    assert [secret for secret in secrets if any(secret in each for each in said)] == []


async def test_the_search_would_find_one(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """What the library of the sockets writes at DEBUG, if it is let: all headers."""
    monkeypatch.setattr(Guarded, "is_silent", False)
    async with served() as place:
        with loud() as lines:
            async with place.venue() as venue:
                await venue.send(note(1))
        assert any(place.secrets["yongjia"] in line for line in lines)
    capfd.readouterr()


async def test_no_name_breaks_a_line_of_the_log_or_moves_the_cursor_of_its_reader(capfd: pytest.CaptureFixture[str]) -> None:
    async with served() as place:
        for official in (BREAKING[:60], "R1"):
            await place.post(f"{HERE}/login", {"official": official, "password": "x"})
        structlog.get_logger().warning("wrong password", contest=BREAKING, official=BREAKING)
        for path in ("/api/contests/a%0d%0ab/board", "/%1b%5b2J", "/api/contests/%E2%80%A8/board"):
            await place.http.get(place.url + path)
    told = capfd.readouterr()
    lines = [line for line in (told.out + told.err).splitlines() if line]
    assert any("wrong password" in line for line in lines)
    assert not [line for line in lines if line.startswith("2026-01-01") or "\x1b[2J" in line]


PAGES = sorted((STATIC / "assets").glob("*.js")) if STATIC.is_dir() else []


@pytest.mark.parametrize("script", PAGES or [None], ids=lambda path: path.name if path else "not built")
def test_no_page_puts_a_token_into_an_address(script: Path | None) -> None:
    if script is None:
        pytest.skip("the pages are not built")
    text: Any = script.read_text("utf-8")
    assert "?token=" not in text
    assert "&token=" not in text
