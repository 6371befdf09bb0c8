"""Where a demo lives: its own file may be emptied, anything else is left alone."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from contest_server.core.facts import ContestId, Draft, Thawed
from contest_server.demo.bundle import bundled
from contest_server.demo.logins import passwords_for
from contest_server.demo.place import FILE_NAME, NotForADemo, folder_and_url, loopback_url, make_room, port_to_use
from contest_server.demo.round import Round, let_in
from contest_server.ledger.urls import Stores, open_stores
from tests.demo.rounds import START_US, definition, judges, story


async def _worked(url: str, work: Callable[[Stores], Coroutine[Any, Any, None]]) -> None:
    stores = open_stores(url)
    await work(stores)
    await stores.close()


async def _database(path: Path, *contests: str) -> str:
    stores = open_stores(f"sqlite:///{path}")
    for contest in contests:
        await stores.ledger.open(ContestId(contest))
    await stores.close()
    return f"sqlite:///{path}"


async def _begin_a_round(stores: Stores) -> None:
    await let_in(stores, Round(1, definition(), story(), START_US, ""), judges(), passwords_for("localhost"), START_US)


def test_a_file_of_an_earlier_demo_is_emptied(tmp_path: Path) -> None:
    """Whether its first round had begun or not."""
    url = asyncio.run(_database(tmp_path / "demo.db", bundled().contest.id))
    make_room(url)
    assert list(tmp_path.iterdir()) == []
    make_room(url)
    asyncio.run(_worked(url, _begin_a_round))
    make_room(url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("contests", [("city-final",), (bundled().contest.id, "city-final"), ()])
def test_a_database_of_anything_else_is_left_alone(tmp_path: Path, contests: tuple[str, ...]) -> None:
    path = tmp_path / "contest.db"
    url = asyncio.run(_database(path, *contests))
    before = path.read_bytes()
    with pytest.raises(NotForADemo, match="not a demo's database"):
        make_room(url)
    assert path.read_bytes() == before


async def _add_an_account(stores: Stores) -> None:
    await stores.accounts.add("admin", "admin", 1)


async def _issue_a_token(stores: Stores) -> None:
    await stores.tokens.issue("director", 1, ContestId(bundled().contest.id), None, "the laptop at the door")


async def _adopt(stores: Stores) -> None:
    await stores.ledger.append(ContestId(bundled().contest.id), [Draft(1, "command line", Thawed())])


@pytest.mark.parametrize("work", [_add_an_account, _issue_a_token, _adopt])
def test_a_database_that_somebody_works_with_is_left_alone_also_with_the_contest_of_the_demo(
    tmp_path: Path, work: Callable[[Stores], Coroutine[Any, Any, None]]
) -> None:
    url = asyncio.run(_database(tmp_path / "contest.db", bundled().contest.id))
    asyncio.run(_worked(url, work))
    with pytest.raises(NotForADemo, match="holds more than a demo"):
        make_room(url)
    assert (tmp_path / "contest.db").exists()


@pytest.mark.parametrize("content", [b"", b"dear diary", b"SQLite format 3\0 and then nonsense"])
def test_a_file_of_another_kind_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "diary.txt"
    path.write_bytes(content)
    with pytest.raises(NotForADemo):
        make_room(f"sqlite:///{path}")
    assert path.read_bytes() == content


def test_nothing_is_left_behind_by_a_demo_without_a_database() -> None:
    with folder_and_url(None) as (folder, url):
        assert url.endswith(FILE_NAME)
        (folder / "outbox").write_bytes(b"x")
    assert not folder.exists()


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(NotForADemo, match=f"{port}.*--port {port + 1}"):
            port_to_use("127.0.0.1", port)
    assert port_to_use("127.0.0.1", 0) > 0


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("hall.lan", "http://hall.lan:80"),
    ],
)
def test_devices_reach_the_server_from_this_computer(host: str, url: str) -> None:
    assert loopback_url(host, 80) == url
