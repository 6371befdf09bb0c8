"""Two programs that know nothing of us do all of it: websocat speaks the sockets, curl the rest."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.contests import CUP, Json
from tests.web.places import EVENTS, PATIENCE_S, Place, batch, clear, note, served, valid

DESK = EVENTS.format(venue="yongjia")


def websocat() -> str:
    beside = Path(sys.executable).with_name("websocat")
    found = str(beside) if beside.is_file() else shutil.which("websocat")
    assert found, "websocat is missing; it comes with the development requirements"
    return found


@asynccontextmanager
async def talking(place: Place, path: str, secret: str | None = None) -> AsyncIterator[Process]:
    header = [f"-H=Authorization: Bearer {secret}"] if secret else []
    process = await asyncio.create_subprocess_exec(
        websocat(), "-B", "2000000", *header, f"ws{place.url.removeprefix('http')}{path}", stdin=PIPE, stdout=PIPE, limit=2_000_000
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def hear(process: Process, kind: str) -> Json:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        while (message := valid(await process.stdout.readline()))["type"] != kind:
            pass
    return message


def say(process: Process, message: Json) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(message).encode() + b"\n")


async def curl(*arguments: str) -> Json:
    process = await asyncio.create_subprocess_exec("curl", "--noproxy", "*", "-sS", *arguments, stdout=PIPE)
    async with asyncio.timeout(PATIENCE_S):
        out, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(out)  # type: ignore[no-any-return]


async def test_websocat_can_speak_for_a_venue_and_for_a_screen() -> None:
    async with served() as place:
        secret = place.secrets["yongjia"]
        async with talking(place, f"/api/contests/{CUP}/board?view=top:3") as screen, talking(place, DESK, secret) as venue:
            assert (await hear(screen, "frame"))["from"] == 0
            say(venue, {"type": "hello", "source": "desk"})
            assert (await hear(venue, "welcome"))["after"] == 0
            asked = await hear(venue, "time")
            say(venue, {"type": "time", "t": asked["t"], "at": asked["t"]})
            await hear(venue, "clock")
            say(venue, batch(clear(1), note(2, at="noon"), clear(3, "A2")))
            assert (await hear(venue, "refused"))["seq"] == 2
            ack = await hear(venue, "ack")
            assert ack["seq"] == 3
            frame = await hear(screen, "frame")
            while frame["to"] < ack["position"]:
                frame = await hear(screen, "frame")
            assert {row["id"]: row["cleared"] for row in frame["rows"]} == {"A1": 1, "A2": 1}
            say(screen, {"type": "painted", "to": frame["to"]})


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_curl_can_do_without_a_socket() -> None:
    async with served() as place:
        headers = ("-H", f"Authorization: Bearer {place.secrets['yongjia']}", "-H", "Content-Type: application/json")
        events = json.dumps(batch(clear(1), clear(2, "A2"), clear(3, "B1")))
        posted = await curl(*headers, "--data", events, f"{place.url}{DESK}?source=desk")
        assert posted == {"seq": 3, "position": 4, "after": 3, "refused": []}
        board = await curl(f"{place.url}/api/contests/{CUP}/board?view=top:3")
        assert [(row["rank"], row["id"]) for row in board["rows"]] == [(1, "A1"), (1, "A2"), (1, "B1")]
        assert [each["id"] for each in (await curl(f"{place.url}/api/contests"))["contests"]] == [CUP]
