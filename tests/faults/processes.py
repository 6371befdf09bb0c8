"""Processes of ours that a test may kill, pause and start again. None survives its block; what they write is kept to be read afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
UP_WITHIN_S = 120.0
TAIL_CHARS = 1_500

Command = tuple[str, ...]
SERVER: Command = (sys.executable, "-m", "contest_server")


class Program:
    """One program, which may have several lives. It is up once it has written `ready`; `news` is set by each line that it writes."""

    def __init__(
        self, name: str, command: Sequence[str], folder: Path, ready: str, news: asyncio.Event, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name, self.command, self.ready, self.news = name, tuple(command), ready, news
        self.log = folder / f"{name}.log"
        self.lives = 0
        self.line = ""
        self.is_paused = False
        self._environment = dict(environment or {})
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._is_up = asyncio.Event()

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it, again after a kill too, and wait until it says that it is ready."""
        assert not self.is_alive, f"{self.name} is alive"
        self.launch(await self._spawn())
        await self.up()

    async def _spawn(self) -> asyncio.subprocess.Process:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CONTEST_")}
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *self.command,
            cwd=ROOT,
            env=clean | self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=asyncio.subprocess.STDOUT,
        )

    def launch(self, process: asyncio.subprocess.Process) -> None:
        self._process, self.is_paused = process, False
        self.lives += 1
        self._is_up.clear()
        self._reading = asyncio.create_task(self._read(process), name=f"log of {self.name}")

    async def up(self) -> None:
        """Raises AssertionError if it ends, or is not ready in time."""
        assert self._reading is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(UP_WITHIN_S):
                waiting = asyncio.ensure_future(self._is_up.wait())
                await asyncio.wait({waiting, self._reading}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
        assert self._is_up.is_set(), f"{self.name} did not come up:\n{self.tail()}"

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        with self.log.open("ab") as log:
            async for line in process.stdout:
                log.write(line)
                log.flush()
                self.news.set()
                if not self._is_up.is_set() and self.ready in line.decode(errors="replace"):
                    self.line = line.decode(errors="replace")
                    self._is_up.set()

    # ---- what can happen to it ---------------------------------------------------------------------------------------------------

    async def kill(self) -> None:
        """kill -9, and wait until the kernel has taken it away."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM, as an operator does; the exit status."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.send_signal(number)
        status = await self._process.wait()
        if self._reading is not None:
            await self._reading
        return status

    def pause(self) -> None:
        """SIGSTOP: it holds its sockets and locks, and does nothing."""
        os.kill(self.pid, signal.SIGSTOP)
        self.is_paused = True

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)
        self.is_paused = False

    def said(self, text: str) -> int:
        """How often it wrote this, in all its lives."""
        return self.log.read_text(errors="replace").count(text) if self.log.exists() else 0

    def tail(self) -> str:
        """The end of what it wrote."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return f"--- {self.name} (life {self.lives})\n{text[-TAIL_CHARS:]}"


@asynccontextmanager
async def ended(programs: Sequence[Program]) -> AsyncIterator[None]:
    """None of these lives on after this block."""
    try:
        yield
    finally:
        for program in programs:
            if program.is_alive:
                await program.kill()


class Server(Program):
    """`contest-server serve` on one port for all its lives."""

    def __init__(
        self, name: str, db: str, port: int, folder: Path, news: asyncio.Event, environment: Mapping[str, str], command: Command
    ) -> None:
        serve = (*command, "serve", "--db", db, "--port", str(port))
        super().__init__(name, serve, folder, ready="http://", news=news, environment=environment)
        self.port = port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port
