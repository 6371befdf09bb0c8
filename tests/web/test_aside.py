"""A long body is read in another process: this one goes on meanwhile, whatever stands in the body, and whoever sent it goes away."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from contest_server.core.faults import DefinitionError, Fault
from contest_server.core.rulebook import Judges
from contest_server.core.saying import Said
from contest_server.web import aside as module
from contest_server.web.aside import SHORT_MAX_BYTES, Aside, Untold
from contest_server.web.errors import ApiError
from tests.contests import CUP, JUDGES, document
from tests.web.places import EVENTS, PATIENCE_S, batch, note, served

LONG = bytes(SHORT_MAX_BYTES + 1)
PEOPLE = 3_000


@asynccontextmanager
async def reading(judges: Judges = JUDGES) -> AsyncIterator[Aside]:
    aside = Aside(judges)
    try:
        yield aside
    finally:
        aside.close()


def who_reads(_: bytes, judges: Judges, *more: str) -> tuple[int, int, tuple[str, ...]]:
    return os.getpid(), len(judges), more


def refuses(body: bytes, _: Judges) -> None:
    raise ApiError(409, "changed", Said("{count} bytes", count=len(body)), headers={"Retry-After": "1"}, effect={"rows": []})


def finds_faults(body: bytes, _: Judges) -> None:
    raise DefinitionError([Fault("stages", Said("{count} bytes", count=len(body))), Fault("total", "expected one")])


def says_what_no_process_knows(_: bytes, __: Judges) -> object:
    return lambda: None


def for_ever(_: bytes, __: Judges) -> None:
    while True:
        pass


def ends(_: bytes, __: Judges) -> None:
    os._exit(1)


async def test_what_is_short_is_read_here_and_what_is_long_beside_always_in_the_same_process() -> None:
    async with reading() as aside:
        assert (await aside.read(who_reads, LONG[1:], "a"))[0] == os.getpid()
        other, judges, more = await aside.read(who_reads, LONG, "a", "b")
        assert (other != os.getpid(), judges, more) == (True, len(JUDGES), ("a", "b"))
        assert (await aside.read(who_reads, LONG))[0] == other
        assert (await aside.read(who_reads, b"", LONG))[0] == other, "what it is held against counts, too"


async def test_what_is_refused_beside_is_refused_here_word_for_word() -> None:
    async with reading() as aside:
        for body in (b"", LONG):
            with pytest.raises(ApiError, match=f"{len(body)} bytes") as refused:
                await aside.read(refuses, body)
            error = refused.value
            assert (error.status, error.code, error.headers, error.more) == (409, "changed", {"Retry-After": "1"}, {"effect": {"rows": []}})


async def test_every_fault_is_told_with_its_place() -> None:
    async with reading() as aside:
        for body in (b"", LONG):
            with pytest.raises(DefinitionError) as refused:
                await aside.read(finds_faults, body)
            assert str(refused.value) == f"stages: {len(body)} bytes\ntotal: expected one"
            assert [fault.where for fault in refused.value.faults] == ["stages", "total"]


async def test_an_answer_that_cannot_be_told_is_a_fault_of_the_program_and_the_next_body_is_read() -> None:
    async with reading() as aside:
        beside, *_ = await aside.read(who_reads, LONG)
        with pytest.raises(Untold, match="says_what_no_process_knows"):
            await aside.read(says_what_no_process_knows, LONG)
        assert (await aside.read(who_reads, LONG))[0] == beside


@pytest.mark.parametrize("read", [for_ever, ends])
async def test_what_takes_too_much_is_refused_and_the_next_body_is_read(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with reading() as aside:
        await aside.read(who_reads, LONG)
        monkeypatch.setattr(module, "WITHIN_S", 0.2)
        with pytest.raises(ApiError) as refused:
            await aside.read(read, LONG)
        assert (refused.value.status, refused.value.code) == (413, "too_large")
        monkeypatch.undo()
        assert (await aside.read(who_reads, LONG))[0] != os.getpid()


async def test_who_goes_away_leaves_no_answer_to_the_next() -> None:
    async with reading() as aside:
        await aside.read(who_reads, LONG)
        gone = asyncio.create_task(aside.read(for_ever, LONG))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gone.cancel()
        assert (await aside.read(who_reads, LONG, "mine"))[2] == ("mine",)
        with pytest.raises(asyncio.CancelledError):
            await gone


async def test_a_server_that_ends_waits_for_no_body() -> None:
    async with reading() as aside:
        await aside.read(who_reads, LONG)
        reading_on = asyncio.create_task(aside.read(for_ever, LONG))
        while aside._busy is None:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0)
        aside.close()
        with pytest.raises(ApiError) as refused:
            await reading_on
        assert refused.value.code == "too_large"


async def test_few_wait_and_the_others_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING_MAX", 2)
    async with reading() as aside:
        asked = [asyncio.create_task(aside.read(who_reads, LONG, str(number))) for number in range(3)]
        with pytest.raises(ApiError) as refused:
            await asked[2]
        assert (refused.value.status, refused.value.code, refused.value.headers) == (429, "busy", {"Retry-After": "3"})
        assert [(await each)[2] for each in asked[:2]] == [("0",), ("1",)]


# ---- a process that does not begin -------------------------------------------------------------------------------------------------


class Held:
    """A judge at whose module whoever imports it comes to this."""

    def __init__(self, how: Callable[..., object], *more: int) -> None:
        self._how, self._more = how, more

    def __reduce__(self) -> tuple[Callable[..., object], tuple[int, ...]]:
        return self._how, self._more


async def refused_for_now(aside: Aside) -> str:
    """What the log says, once."""
    with capture_logs() as logged, pytest.raises(ApiError) as refused:
        await aside.read(who_reads, LONG)
    assert (refused.value.status, refused.value.code) == (503, "unavailable")
    assert [each["log_level"] for each in logged] == ["error"]
    return str(logged[0]["event"])


async def test_a_process_that_cannot_begin_is_no_fault_of_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    async with reading() as aside:
        monkeypatch.chdir(gone)
        gone.rmdir()
        assert "did not begin" in await refused_for_now(aside)
        monkeypatch.undo()
        assert (await aside.read(who_reads, LONG))[0] != os.getpid()


async def test_nor_is_one_that_ends_before_it_is_ready() -> None:
    async with reading({"held": Held(os._exit, 1)}) as aside:  # type: ignore[dict-item]
        assert "did not begin" in await refused_for_now(aside)


async def test_nor_one_that_hangs_there_which_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEGINS_WITHIN_S", 0.2)
    async with reading({"held": Held(signal.pause)}) as aside:  # type: ignore[dict-item]
        assert "did not begin" in await refused_for_now(aside)
        assert "did not begin" in await refused_for_now(aside)


async def test_a_process_of_another_program_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an upgrade under a running server: what begins now is the new one."""
    monkeypatch.setattr(module, "__version__", "0.0.9")
    async with reading() as aside:
        assert "another program" in await refused_for_now(aside)


async def test_and_what_has_begun_is_of_one_program_whatever_is_installed_afterwards() -> None:
    """All that it will ever need is there before it says that it is ready. Asked without a module of tests, which would bring it along."""
    question = b"{'contest_server.web.rejudging', 'contest_server.web.adopting'} <= set(__import__('sys').modules)"
    async with reading() as aside:
        assert await aside.read(eval, question + b" " * SHORT_MAX_BYTES)


async def test_a_judge_that_no_other_process_knows_by_name_is_read_with_here_and_the_log_says_so() -> None:
    with capture_logs() as logged:
        nameless = make_dataclass("Nameless", [])
        async with reading({**JUDGES, "nameless": nameless}) as aside:
            assert (await aside.read(who_reads, LONG))[:2] == (os.getpid(), len(JUDGES) + 1)
    assert [(each["log_level"], "Nameless" in each["reason"]) for each in logged] == [("warning", True)]


SERVER = """
import asyncio
from tests.web.test_aside import LONG, reading, who_reads

async def serve():
    async with reading() as aside:
        print((await aside.read(who_reads, LONG))[0], flush=True)
        await asyncio.Event().wait()

if __name__ == "__main__":
    asyncio.run(serve())
"""


async def test_the_process_goes_when_its_server_is_killed(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER, encoding="utf-8")
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
    server = await asyncio.create_subprocess_exec(sys.executable, tmp_path / "server.py", stdout=asyncio.subprocess.PIPE, env=paths)
    assert server.stdout is not None
    beside = os.pidfd_open(int(await server.stdout.readline()))
    try:
        assert select.select([beside], [], [], 0)[0] == []
        server.kill()
        await server.wait()
        assert await asyncio.to_thread(select.select, [beside], [], [], PATIENCE_S) == ([beside], [], [])
    finally:
        os.close(beside)


# ---- served ----------------------------------------------------------------------------------------------------------------------


COUNT = 2_000_000
BOMBS = {
    "a draft": ("/api/builder/check", "staff", b'{"draft":%b}'),
    "a table": ("/api/builder/contestants", "staff", b'{"table":%b}'),
    "a text": ("/api/builder/open", "staff", b'{"toml":%b}'),
    "a definition": ("/api/contests", "admin", b'{"contestants":%b}'),
    "an order": (f"/api/contests/{CUP}/rejudgings", "C1", b'{"changes":{"contestants":%b}}'),
}


@pytest.mark.parametrize(("path", "who", "body"), BOMBS.values(), ids=BOMBS)
async def test_a_long_body_is_parsed_elsewhere_and_venues_go_on(path: str, who: str, body: bytes) -> None:
    """By the time of the processor, so that it does not matter what else the machine does."""
    bomb, plain = body % (b"[" + b"{}," * COUNT + b"{}]"), body % (b'"' + b" " * (3 * COUNT) + b'"')
    parsing_s = costs_s(json.loads, bomb)
    async with served() as place:

        async def sent_s(sent: bytes) -> float:
            begun_s = time.process_time()
            answer = await place.post(path, sent, who)
            assert answer.status_code in (200, 400), answer.text
            return time.process_time() - begun_s

        await sent_s(plain)  # a process begins
        assert await sent_s(bomb) < await sent_s(plain) + parsing_s / 2
        assert (await place.post(EVENTS.format(venue="yongjia"), batch(note(1)), "yongjia", source="desk")).status_code == 200


def costs_s(work: Callable[[bytes], object], body: bytes) -> float:
    begun_s = time.process_time()
    work(body)
    return time.process_time() - begun_s


async def test_a_long_definition_is_adopted_rejudged_and_checked_as_a_short_one_is() -> None:
    people = [{"id": f"P{number}", "venue": "yongjia", "name": f"Contestant {number}"} for number in range(PEOPLE)]
    large = document(2)
    large["contestants"] = [*large["contestants"], *people]
    assert len(json.dumps(large)) > SHORT_MAX_BYTES
    async with served() as place:
        checked = (await place.post("/api/builder/check", {"draft": large}, "staff")).json()
        assert checked["totals"]["contestants"] == len(large["contestants"])
        adopted = await place.post("/api/contests", large, "admin")
        assert (adopted.status_code, adopted.json()["version"]) == (201, 2), adopted.text
        while (await place.get(f"/api/contests/{CUP}"))["definition"] < 2:  # noqa: ASYNC110 - a definition rings no bell
            await asyncio.sleep(0)
        assert "Contestant 17" in str(await place.get(f"/api/contests/{CUP}/roster"))
        for order, code in (({"version": 1}, 202), ({"changes": {"stages": 7}}, 400), ({"version": 9}, 404), ({}, 400)):
            begun = await place.post(f"/api/contests/{CUP}/rejudgings", order, "C1")
            assert begun.status_code == code, begun.text
