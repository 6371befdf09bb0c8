"""The log: one line an event, with contest and position where it is about one. Nobody's input breaks a line, and no secret is in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from contest_server.commands.logs import log_to_stderr
from tests.contests import CUP
from tests.web.places import note, served

NASTY = "Ada\nfake line\x1b[31m\u202e\r电工"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def written(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_whatever_a_stranger_chose_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()
    structlog.get_logger().info("wrong password", official=NASTY)
    logging.getLogger("library").warning("cannot serve %s", NASTY)
    lines = written(capsys)
    assert len(lines) == 2
    assert all("\x1b" not in line and "\u202e" not in line and "电工" in line for line in lines)


def test_the_text_of_an_exception_cannot_look_like_a_line_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()
    try:
        raise ValueError("x\n2026-01-01 [info] all is well\x1b[2J")
    except ValueError:
        logging.getLogger("library").exception("failed")
    first, *others = written(capsys)
    assert "failed" in first
    assert all(line.startswith("  | ") and "\x1b" not in line for line in others)


def test_as_json_every_line_is_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("json")
    structlog.get_logger().error("desk ended", contest=CUP, position=7, reason=NASTY)
    logging.getLogger("library").warning("cannot serve %s", NASTY)
    try:
        raise ValueError(NASTY)
    except ValueError:
        logging.getLogger("library").exception("failed")
    ended, library, failed = [json.loads(line) for line in written(capsys)]
    assert (ended["message"], ended["level"], ended["contest"], ended["position"], ended["reason"]) == (
        "desk ended",
        "error",
        CUP,
        7,
        NASTY,
    )
    assert (library["message"], library["level"]) == (f"cannot serve {NASTY}", "warning")
    assert "ValueError" in failed["exception"]
    assert {"timestamp"} <= ended.keys() & library.keys() & failed.keys()


def test_what_is_less_than_the_level_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("console", "warning")
    structlog.get_logger().info("desk open")
    structlog.get_logger().warning("wrong password")
    assert len(written(capsys)) == 1


async def test_each_turn_of_a_contest_is_one_line_with_contest_and_position(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("json")
    async with served() as place:
        async with place.venue() as venue:
            await venue.send(note(1))
        for path, body in (("freeze", {"minutes": 1}), ("thaw", {})):
            assert (await place.order(path, **body)).status_code == 200
        lines = [json.loads(line) for line in written(capsys)]
        ours = [line for line in lines if line.get("contest") == CUP]
        assert [(line["message"], line["position"]) for line in ours] == [("desk open", 1), ("board frozen", 3), ("board thawed", 4)]
        text = json.dumps(lines)
        assert not [name for name, secret in place.secrets.items() if secret in text]


async def test_a_line_on_the_way_of_a_request_carries_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("json")
    async with served() as place:
        body = {"official": "R1", "password": "not this one"}
        headers = {"X-Request-Id": "proxy-17"}
        assert (await place.http.post(f"{place.url}/api/contests/{CUP}/login", json=body, headers=headers)).status_code == 401
        (line,) = [json.loads(each) for each in written(capsys) if "wrong password" in each]
        assert line["request"] == "proxy-17"
        assert "not this one" not in json.dumps(line)
