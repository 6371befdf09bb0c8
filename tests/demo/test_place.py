"""Where a demo lives: its own file may be emptied, anything else is left alone."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from contest_server.core.facts import ContestId
from contest_server.demo.bundle import bundled
from contest_server.demo.place import FILE_NAME, NotForADemo, folder_and_url, loopback_url, make_room, port_to_use
from contest_server.ledger.urls import open_stores


async def _database(path: Path, *contests: str) -> str:
    stores = open_stores(f"sqlite:///{path}")
    for contest in contests:
        await stores.ledger.open(ContestId(contest))
    await stores.close()
    return f"sqlite:///{path}"


def test_a_file_of_an_earlier_demo_is_emptied(tmp_path: Path) -> None:
    url = asyncio.run(_database(tmp_path / "demo.db", bundled().contest.id))
    make_room(url)
    assert list(tmp_path.iterdir()) == []
    make_room(url)


@pytest.mark.parametrize("contests", [("city-final",), (bundled().contest.id, "city-final"), ()])
def test_a_database_of_anything_else_is_left_alone(tmp_path: Path, contests: tuple[str, ...]) -> None:
    path = tmp_path / "contest.db"
    url = asyncio.run(_database(path, *contests))
    before = path.read_bytes()
    with pytest.raises(NotForADemo, match="not a demo's database"):
        make_room(url)
    assert path.read_bytes() == before


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
