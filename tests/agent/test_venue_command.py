"""The command as people run it: a process, a socket, a kill."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from inspect import signature
from pathlib import Path
from random import Random
from typing import get_args, get_type_hints

import pytest

from contest_server.agent.agent import Exit
from contest_server.agent.limits import ID, SOURCE
from contest_server.agent.port import Parted
from contest_server.agent.websocket import connected, endpoint
from contest_server.commands.venue import venue
from contest_server.core.definition import Id
from contest_server.wire.messages import VenueHello
from tests.agent.hall import BINDING, Json, Server
from tests.agent.listening import TOKEN, arguments, listening, outcome, started

SAFETY_NET_S = 120


def make_events(count: int, bad: int = 0) -> list[Json]:
    return [
        {"kind": "clear", "contestant": f"A{n}", "at": "2026-11-22T09:03:12Z", "data": {"n": n, "bad": n == bad}}
        for n in range(1, count + 1)
    ]


def ndjson(events: list[Json]) -> bytes:
    return "".join(json.dumps(event) + "\n" for event in events).encode()


def numbered(events: list[Json]) -> list[Json]:
    return [{"seq": n, **event} for n, event in enumerate(events, 1)]


@pytest.mark.parametrize("seed", range(2))
async def test_an_agent_that_is_killed_at_any_moment_loses_and_doubles_nothing(tmp_path: Path, seed: int) -> None:
    chance, server, events = Random(seed), Server(batch=3), make_events(90)
    path, fuse = tmp_path / "events.ndjson", Fuse()
    async with asyncio.timeout(SAFETY_NET_S), listening(server, fuse.moment) as url:
        options = (*arguments(url, tmp_path / "outbox.db"), str(path))
        written = 0
        for _life in range(6):
            await asyncio.to_thread(append, path, ndjson(events)[: (written := written + chance.randrange(800, 1_200))])
            process = await started(*options, "--follow")
            fuse.set(process, chance.choice(["hello", "before", "after", "answered"]), chance.randrange(1, 4))
            await outcome(process)
            assert process.returncode == -signal.SIGKILL
        await asyncio.to_thread(append, path, ndjson(events))
        code, _out, errors = await outcome(await started(*options, "--once"))
    assert code == 0, errors
    assert server.taken == numbered(events)


class Fuse:
    """Kills the agent the n-th time that the server comes to this moment."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._moment, self._left = "", 0

    def set(self, process: asyncio.subprocess.Process, moment: str, times: int) -> None:
        self._process, self._moment, self._left = process, moment, 1 if moment == "hello" else times

    def moment(self, moment: str) -> None:
        self._left -= moment == self._moment
        if self._process is not None and self._left == 0:
            self._process.kill()
            self._process = None


def append(path: Path, content: bytes) -> None:
    """Make the file so long, at whatever byte that cuts it."""
    with path.open("ab") as file:
        file.write(content[path.stat().st_size :])


async def test_standard_input_is_sent_and_what_was_refused_is_listed_until_it_is_settled(tmp_path: Path) -> None:
    server, outbox = Server(), tmp_path / "outbox.db"
    async with asyncio.timeout(SAFETY_NET_S), listening(server) as url:
        typed = ndjson(make_events(3, bad=2)) + b"oops\n" + b'{"kind":"note","at":"x"}'
        code, _out, errors = await outcome(await started(*arguments(url, outbox), "--once"), typed)
        assert code == Exit.ATTENTION, errors
        assert "line 4 is no event and is kept aside: not_json" in errors
        assert "number 2 was REFUSED: bad_event" in errors
        assert [event["seq"] for event in server.taken] == [1, 2, 3, 4]
        refused = json.loads((await outcome(await started("--outbox", str(outbox), "--refused")))[1])
        assert (refused["seq"], refused["code"], refused["event"]["contestant"]) == (2, "bad_event", "A2")
        rejected = json.loads((await outcome(await started("--outbox", str(outbox), "--rejected")))[1])
        assert (rejected["line"], rejected["text"]) == (4, "oops")
        assert (await outcome(await started("--outbox", str(outbox), "--settle", "2")))[0] == Exit.USAGE
        assert (await outcome(await started("--outbox", str(outbox), "--settle", "2", "--note", "told the referee")))[0] == 0
        assert (await outcome(await started(*arguments(url, outbox), "--once")))[0] == 0


async def test_a_token_that_is_not_known_stops_the_agent_with_a_reason(tmp_path: Path) -> None:
    async with asyncio.timeout(SAFETY_NET_S), listening(Server()) as url:
        code, _out, errors = await outcome(await started(*arguments(url, tmp_path / "o.db"), token="wrong"))
    assert code == Exit.SERVER
    assert "the server answers 401 (the token is not known) no such token" in errors


async def test_a_person_stops_it_and_what_waits_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(ndjson(make_events(2)))
    async with asyncio.timeout(SAFETY_NET_S):
        process = await started(*arguments("http://127.0.0.1:9", tmp_path / "o.db"), str(path), "--follow")
        assert process.stderr is not None
        while b"UNSYNCED 2" not in (line := await process.stderr.readline()):
            assert line, "it ended by itself"
        process.send_signal(signal.SIGTERM)
        code, _out, errors = await outcome(process)
    assert code == Exit.WAITING
    assert "2 events wait in the outbox" in errors


ALL = ("--contest", "c", "--venue", "v", "--source", "s")


@pytest.mark.parametrize(
    ("options", "said", "chinese"),
    [
        (("--source", "x"), "belong together", "须同时给出"),
        ((), "are needed", "需要"),
        ((*ALL, "--server", "localhost:8000"), "not like http://HOST:8000", "http://HOST:8000 的形式"),
        ((*ALL, "--server", "http://host:x"), "not like http://HOST:8000", "http://HOST:8000 的形式"),
        ((*ALL, "--server", "http://[::1"), "not like http://HOST:8000", "http://HOST:8000 的形式"),
        ((*ALL, "--source", "d 1"), "--source 'd 1': 1 to 64 letters", "--source 'd 1' 不对"),
        ((*ALL, "--source", "x" * 65), "1 to 64 letters", "1 到 64 个字母"),
        ((*ALL, "--venue", "a/b"), "--venue 'a/b': 1 to 64 letters", "--venue 'a/b' 不对"),
        ((*ALL, "--contest", "\udcff"), "1 to 64 letters", "1 到 64 个字母"),
        (("--outbox", "nowhere/o.db", *ALL), "nowhere/o.db.lock: ", "请确认文件夹存在"),
        ((*ALL, "--follow"), "--follow goes with a FILE", "--follow 只能"),
        ((*ALL, "nowhere.ndjson"), "no such file", "没有这个文件"),
        ((*ALL, "/"), "not a plain file", "不是普通文件"),
        ((*ALL, "--once", "mqtt://host/topic"), "never end", "没有尽头"),
        ((*ALL, "mqtt://host"), "expected mqtt://HOST[:PORT]/TOPIC", "应为 mqtt://HOST[:PORT]/TOPIC"),
        ((*ALL, "mqtt://host:x/topic"), "expected mqtt://HOST[:PORT]/TOPIC", "应为 mqtt://HOST[:PORT]/TOPIC"),
        ((*ALL, "mqtt://u:p@host/topic"), "set CONTEST_MQTT_PASSWORD", "CONTEST_MQTT_PASSWORD"),
        ((*ALL, "plc:nowhere.toml"), "nowhere.toml: there is no such file", "nowhere.toml：没有这个文件"),
        ((*ALL, "--token-file", "nowhere.token"), "nowhere.token", "令牌"),
        (("--outbox", "nowhere.db", "--refused"), "no such outbox", "没有这个发件箱"),
        (("--outbox", "nowhere.db", "--settle", "1"), "say why", "说明原因"),
    ],
)
async def test_wrong_usage_says_in_both_languages_what_to_change(options: tuple[str, ...], said: str, chinese: str, tmp_path: Path) -> None:
    code, _out, errors = await outcome(await started(*options, *(("--outbox", str(tmp_path / "o.db")) if options[:1] == ALL[:1] else ())))
    assert (code, said in errors, chinese in errors) == (Exit.USAGE, True, True), errors


def test_a_source_that_the_agent_takes_the_server_takes_too() -> None:
    (about,) = get_type_hints(VenueHello, include_extras=True)["source"].__metadata__
    assert (about.pattern, about.min_length, about.max_length) == (r"^[\w.\-]+\Z", 1, 64)
    assert SOURCE.pattern == r"[\w.\-]{1,64}"
    assert f"^{ID.pattern}$" == get_args(Id)[1].pattern


async def test_with_standard_input_closed_it_says_in_both_languages_what_to_name(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "contest_server", "venue", *ALL, "--token", "t", "--outbox", str(tmp_path / "o.db")]
    process = await asyncio.create_subprocess_exec("/bin/sh", "-c", '"$@" <&-', "sh", *command, stderr=asyncio.subprocess.PIPE)
    _out, errors = await process.communicate()
    assert process.returncode == Exit.USAGE
    assert "standard input is closed: name a FILE / 标准输入已关闭" in errors.decode()


async def test_without_a_token_it_says_in_both_languages_where_to_get_one() -> None:
    code, _out, errors = await outcome(await started(*ALL, token=""))
    assert (code, "no usable token" in errors, "没有可用的令牌" in errors) == (Exit.USAGE, True, True), errors


@pytest.mark.parametrize(("code", "retry"), [(1000, True), (1012, True), (4001, True), (4499, True), (4500, False), (4999, False)])
async def test_a_close_code_tells_whether_to_come_back(code: int, retry: bool) -> None:
    async with listening(Server(), close_code=code) as url, connected(endpoint(url, BINDING), TOKEN) as port:
        await port.send('{"type":"hello","source":"desk-1"}')
        assert "welcome" in str(await port.receive())
        assert "time" in str(await port.receive())
        with pytest.raises(Parted) as parted:
            await port.receive()
    assert (parted.value.retry, str(code) in parted.value.reason) == (retry, True)


async def test_a_venue_that_is_not_there_yet_is_tried_again() -> None:
    async with listening(Server()) as url:
        with pytest.raises(Parted, match="404") as parted:
            async with connected(endpoint(url + "/elsewhere", BINDING), TOKEN):
                pass
    assert parted.value.retry


def test_the_address_is_made_from_the_servers() -> None:
    assert endpoint("https://cup.example/live/", BINDING).url == "wss://cup.example/live/api/contests/cup/venues/yueqing/events"
    assert endpoint("http://[::1]:8000", BINDING).loopback
    assert endpoint("http://10.0.0.1:8000", BINDING).secret_in_the_clear
    for wrong in ("cup.example", "ftp://x", "http://", "http://x:99999", "http://user:pw@x"):
        with pytest.raises(ValueError, match=r"not like|range"):
            endpoint(wrong, BINDING)
    for secret in ("http://u:topsecret@h:8000", "http://u:tops/ecret@h", "http://u:topsecret@h:x", "http://topsecret@h", "u:topsecret@h"):
        with pytest.raises(ValueError, match=r"not like http://HOST:8000") as refused:
            endpoint(secret, BINDING)
        assert not [part for part in ("tops", "ecret") if part in str(refused.value)], refused.value


def test_every_option_and_exit_status_is_in_the_docs() -> None:
    text = (Path(__file__).parents[2] / "docs" / "venue-agent.md").read_text(encoding="utf-8")
    for name in signature(venue).parameters:
        assert name == "file" or f"`--{name.replace('_', '-')}`" in text, name
    for status in Exit:
        assert f"| {status.value} |" in text, status
        assert f"  {status.value}  " in (venue.__doc__ or ""), status
