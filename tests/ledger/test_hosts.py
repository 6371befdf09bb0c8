"""A database on several machines: the one that may be written to is found, whatever the others do, and found again after a failover."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from contest_server.__main__ import app
from contest_server.ledger import postgres_hosts
from contest_server.ledger.database_url import BadUrl, each_of, file_of, hosts_of, place_of, shown
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.postgres_hosts import hosts_at
from contest_server.ledger.urls import open_stores
from tests.ledger.drafts import CONTEST, clock, events
from tests.postgres import Cluster, free_port

CAUGHT_UP = "SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn"
LOOK_EVERY_S = 0.02
PATIENCE_S = 30.0


@pytest.mark.parametrize(
    ("url", "hosts", "place"),
    [
        ("postgresql://u:secret@a,b/db", ["a", "b"], "postgresql://u@a,b/db"),
        ("postgres://u@a:5433,b:5434/db?target_session_attrs=read-write", ["a:5433", "b:5434"], "postgresql://u@a:5433,b:5434/db"),
        ("postgresql://[::1]:5432,[::2]/db", ["[::1]:5432", "[::2]"], "postgresql://[::1]:5432,[::2]/db"),
        ("postgresql://u@a/db", ["a"], "postgresql://u@a/db"),
        ("postgresql:///db?host=/var/run/postgresql", [""], "postgresql:///db"),
    ],
)
def test_a_url_may_name_several_hosts(url: str, hosts: list[str], place: str) -> None:
    assert (hosts_of(url), place_of(url), file_of(url)) == (hosts, place, None)
    assert "secret" not in shown(url)
    assert [hosts_of(each) for each in each_of(url)] == [[host] for host in hosts]


def test_of_several_hosts_one_is_wanted_that_may_be_written_to_unless_the_url_says_otherwise() -> None:
    assert each_of("postgresql://u:p%40x@a,b:1/db?sslmode=require") == [
        f"postgresql://u:p%40x@{host}/db?sslmode=require&target_session_attrs=read-write" for host in ("a", "b:1")
    ]
    assert each_of("postgresql://a,b/db?target_session_attrs=any") == [
        f"postgresql://{host}/db?target_session_attrs=any" for host in ("a", "b")
    ]
    assert each_of("postgresql://a/db") == ["postgresql://a/db"]


@pytest.mark.parametrize("hosts", ["a,", ",a", "a:x,b", "a:70000,b", "[::1,b", ",".join("a" * 9)])
def test_what_is_no_host_is_refused_with_an_example(hosts: str) -> None:
    with pytest.raises(BadUrl, match="postgresql://u@") as refused:
        open_stores(f"postgresql://u:secret@{hosts}/db")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "password",
    ["tops/ecret", "1/tops@ecret", "1#topsecret", "#topsecret", "/topsecret", "1?topsecret", "[topsecret", "tops,ecret/x", "１/tops"],
)
def test_a_password_that_is_not_escaped_is_not_repeated(password: str) -> None:
    """Then what stands before its first / ? or # looks like a host and its port."""
    with pytest.raises(BadUrl, match="%2F") as refused:
        open_stores(f"postgresql://u:{password}@h/db")
    assert not [part for part in (password, password[:1] + "'", "u:1", "tops", "ecret") if part in str(refused.value)], refused.value


@pytest.mark.parametrize("key", ["password", "sslpassword", "p%61ssword", "%70assword", "PassWord", "x?password"])
def test_a_password_behind_the_question_mark_is_not_shown_either(key: str) -> None:
    """However its key is written."""
    assert shown(f"postgresql://a/db?user=u&{key}=secret&sslmode=require") == f"postgresql://a/db?user=u&{key}=…&sslmode=require"
    assert shown(f"postgresql://a/db?{key}=secret@x/y") == f"postgresql://a/db?{key}=…"


@pytest.mark.parametrize("url", ["postgresql://h:5432/db?user=me@tenant", "postgresql://h:5432?user=me@tenant", "postgresql://u@h/d@b"])
def test_an_at_sign_may_stand_elsewhere(url: str) -> None:
    assert hosts_of(url)[0].startswith("h")


# ---- two real ones ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def primary() -> Iterator[Cluster]:
    cluster = Cluster()
    cluster.start()
    yield cluster
    cluster.close()


@pytest.fixture
def standby(primary: Cluster) -> Iterator[Cluster]:
    """It follows the primary, and takes no writes until it is promoted."""
    cluster = Cluster(of=primary)
    cluster.start()
    yield cluster
    cluster.close()


def pair(*ports: int, more: str = "") -> str:
    return f"postgresql://contest@{','.join(f'127.0.0.1:{port}' for port in ports)}/postgres{more}"


async def asked(cluster: Cluster, statement: str, *values: str) -> object:
    connection = await asyncpg.connect(cluster.url())
    try:
        return await connection.fetchval(statement, *values)
    finally:
        await connection.close()


async def caught_up(primary: Cluster, standby: Cluster) -> None:
    written = str(await asked(primary, "SELECT pg_current_wal_flush_lsn()::text"))
    while not await asked(standby, CAUGHT_UP, written):  # noqa: ASYNC110 - there is nothing to wait for
        await asyncio.sleep(LOOK_EVERY_S)


async def test_where_one_of_two_is_down_the_other_serves_whichever_is_named_first(primary: Cluster) -> None:
    for ports in ((free_port(), primary.port), (primary.port, free_port())):
        stores = await asyncio.to_thread(open_stores, pair(*ports))
        await stores.ledger.open(CONTEST)
        await stores.ledger.append(CONTEST, [clock()])
        await stores.tokens.issue("admin", 1)
        await stores.close()


async def test_a_standby_is_passed_over_and_found_once_it_took_over(primary: Cluster, standby: Cluster) -> None:
    url = pair(standby.port, primary.port, more="?target_session_attrs=read-write")
    stores = await asyncio.to_thread(open_stores, url)
    await stores.ledger.open(CONTEST)
    before = await stores.ledger.append(CONTEST, events([1, 2, 3]))
    await caught_up(primary, standby)
    primary.kill()
    with pytest.raises(LedgerFault):
        await stores.ledger.append(CONTEST, events([4]))
    with pytest.raises(LedgerFault, match=rf"{primary.port}: .*{standby.port}: is up, but .*standby.*Is the database up"):
        await stores.ledger.append(CONTEST, events([4]))
    await asked(standby, "SELECT pg_promote()")
    assert [each.position for each in await stores.ledger.append(CONTEST, events([3, 4]))] == [4]
    assert (await stores.ledger.read(CONTEST, 0))[:3] == before
    assert (await stores.tokens.issue("admin", 1)).secret
    await stores.close()


async def test_a_standby_is_enough_to_back_up_and_verify_where_the_url_says_so(primary: Cluster, standby: Cluster, tmp_path: Path) -> None:
    stores = await asyncio.to_thread(open_stores, pair(primary.port))
    await stores.ledger.open(CONTEST)
    await stores.ledger.append(CONTEST, events([1, 2, 3]))
    await stores.close()
    await caught_up(primary, standby)
    primary.kill()
    url = pair(primary.port, standby.port, more="?target_session_attrs=any")
    for arguments in (["backup", "--db", url, "--to", str(tmp_path / "all.zip")], ["verify", url]):
        done = await asyncio.to_thread(CliRunner().invoke, app, arguments)
        assert (done.exit_code, " 3:" in done.output) == (0, True), done.output


async def test_a_machine_that_says_nothing_is_not_waited_for_again(primary: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is switched off, or its line is: nobody refuses the connection, and nobody answers."""
    monkeypatch.setattr(postgres_hosts, "CONNECT_WITHIN_S", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hosts = postgres_hosts.Hosts(pair(silent.getsockname()[1], primary.port))
        await (await hosts.connect()).close()
        monkeypatch.setattr(postgres_hosts, "CONNECT_WITHIN_S", 10 * PATIENCE_S)  # whoever asked it again would wait for that long
        async with asyncio.timeout(PATIENCE_S):
            await (await hosts.connect()).close()


async def test_where_nobody_is_as_wanted_each_says_why_and_a_wrong_name_ends_the_search(primary: Cluster) -> None:
    with pytest.raises(LedgerFault, match=r"127\.0\.0\.1:1: .*; 127\.0\.0\.1:2: .*Is the database up"):
        await asyncio.to_thread(open_stores, pair(1, 2))
    with pytest.raises(LedgerFault, match="createdb"):
        await asyncio.to_thread(open_stores, pair(primary.port, 1).replace("/postgres", "/nothing"))
    with pytest.raises(LedgerFault, match="target_session_attrs"):
        await asyncio.to_thread(open_stores, pair(primary.port, more="?target_session_attrs=standby"))


def test_commands_take_such_a_url(primary: Cluster, tmp_path: Path) -> None:
    url = pair(free_port(), primary.port)
    for arguments in (
        ["token", "--role", "admin", "--db", url],
        ["backup", "--db", url, "--to", str(tmp_path / "all.zip")],
        ["verify", url],
        ["copy", "--from", url, "--to", f"sqlite:///{tmp_path / 'copied.db'}"],
    ):
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, (arguments, done.output)
    assert f"{place_of(url)} can be reached" in CliRunner().invoke(app, ["doctor", "--db", url]).output


def test_what_was_found_out_is_known_to_everybody_here() -> None:
    assert hosts_at(pair(1, 2)) is hosts_at(pair(1, 2))
