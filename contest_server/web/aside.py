"""Long bodies are read in a process beside the server's: one at a time, with less right to the processor. It is kept while it is needed.

To parse and check some megabytes takes up to seconds, and the interpreter does nothing else meanwhile, in whatever thread that is. So
the venues of all contests would wait for whoever sends a draft.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, TypeVar

import structlog

from contest_server import __version__
from contest_server.core.rulebook import Judges
from contest_server.core.saying import Said
from contest_server.live.program import Nameless, name_of
from contest_server.web.errors import ApiError

log = structlog.get_logger()

T = TypeVar("T")

SHORT_MAX_BYTES = 131_072
"""So much is read on the spot, in a thread: some milliseconds. A process would need a second to begin."""
WITHIN_S = 60.0
BEGINS_WITHIN_S = 30.0
WAITING_MAX = 8
"""Long bodies that are read or wait for it; each of them is kept meanwhile."""
KEPT_S = 300.0
"""How long the process is kept after its last body."""
NICE = 10


class Untold(Exception):
    """What was found cannot be told to another process: a fault of the program."""


class Aside:
    """Reads bodies, the short ones here and the long ones beside; all of them here where no other process knows each judge by its name."""

    def __init__(self, judges: Judges) -> None:
        self._judges = judges
        self._program = _program(judges)
        self._are_known = _are_known(judges)
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._worker: Worker | None = None
        self._busy: Worker | None = None
        self._until: asyncio.TimerHandle | None = None

    async def read(self, read: Callable[..., T], body: bytes, *more: Any) -> T:
        """What `read(body, judges, *more)` gives: a function that another process knows by its name, as it does what it gives and raises.

        Raises:
            ApiError: too many wait (429), it was not read within `WITHIN_S` (413), no process began (503); and what `read` raises.
        """
        length = len(body) + sum(len(each) for each in more if isinstance(each, bytes))
        if not self._are_known or length <= SHORT_MAX_BYTES:
            return await asyncio.to_thread(read, body, self._judges, *more)
        if self._waiting >= WAITING_MAX:
            raise ApiError(429, "busy", Said("other long documents are being read; try again in a moment"), headers={"Retry-After": "3"})
        self._waiting += 1
        try:
            async with self._turn:
                found: T = await self._read_beside(read, body, *more)
                return found
        finally:
            self._waiting -= 1

    async def _read_beside(self, *asked: Any) -> Any:
        """Who goes away meanwhile takes the process along: its answer is nobody else's."""
        self._busy, self._worker = self._worker, None
        self._put_off()
        try:
            worker = self._busy if self._busy is not None and self._busy.is_there else await self._begin()
            async with asyncio.timeout(WITHIN_S):
                is_answer, found = await asyncio.to_thread(worker.ask, asked)
        except (OSError, EOFError):
            raise ApiError(413, "too_large", Said("the document took more than this server gives to one; send a smaller one")) from None
        else:
            self._worker, self._busy = worker, None
            self._until = asyncio.get_running_loop().call_later(KEPT_S, self.close)
        finally:
            if self._busy is not None:
                self._busy.end()
            self._busy = None
        if is_answer:
            return found
        raise found

    async def _begin(self) -> Worker:
        """A process that is ready, and of the same program: after an upgrade in place it would be the new one. Raises ApiError."""
        try:
            self._busy = worker = await asyncio.to_thread(Worker, self._judges)
            async with asyncio.timeout(BEGINS_WITHIN_S):
                program = await asyncio.to_thread(worker.program)
        except (OSError, EOFError) as error:
            log.error("the process that reads long documents did not begin", reason=repr(error))
            raise ApiError(503, "unavailable", Said("long documents cannot be read now; the server's log says why")) from None
        if program != self._program:
            log.error("another program was installed under this server: start it again", running=self._program, installed=program)
            raise ApiError(503, "unavailable", Said("another program was installed under this server; it has to be started again"))
        return worker

    def close(self) -> None:
        """End the process, until somebody needs one again."""
        self._put_off()
        ended, self._worker = (self._worker, self._busy), None
        for each in ended:
            if each is not None:
                each.end()

    def _put_off(self) -> None:
        if self._until is not None:
            self._until.cancel()
            self._until = None


class Worker:
    """The process. It ends with whoever began it. Nothing here has a time limit: whoever waits too long ends it."""

    def __init__(self, judges: Judges) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, there = context.Pipe()
        self._process = context.Process(target=_work, args=(there, dict(judges)), daemon=True)
        self._process.start()
        there.close()

    @property
    def is_there(self) -> bool:
        return self._process.is_alive()

    def program(self) -> str:
        """What it says once it is ready, and before anything else. Raises as `ask`."""
        return self._pipe.recv_bytes().decode(errors="replace")

    def ask(self, asked: tuple[Any, ...]) -> tuple[bool, Any]:
        """Whether it is an answer, and that; else what was raised. Raises OSError, EOFError: there is none, and will be none."""
        self._pipe.send(asked)
        found: tuple[bool, Any] = self._pipe.recv()
        return found

    def end(self) -> None:
        """Whoever still waits for its answer hears at once that there is none. What is left of it goes with the next one that begins."""
        self._process.kill()


def _work(pipe: Connection, judges: Judges) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # which reaches the whole group; the server says when this ends
    with suppress(OSError):
        os.nice(NICE)
    import_module("contest_server.web.app")  # all at once: later there may be another program in its place
    with suppress(EOFError, OSError):
        pipe.send_bytes(_program(judges).encode())
        while True:
            pipe.send_bytes(_answer(pipe.recv_bytes(), judges))


def _answer(asked: bytes, judges: Judges) -> bytes:
    try:
        read, body, *more = pickle.loads(asked)  # nosec B301  # noqa: S301 - the server itself wrote it
        found = True, read(body, judges, *more)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told to whoever asked
        found = False, error
    try:
        return pickle.dumps(found)
    except Exception as error:  # noqa: BLE001 - what cannot be told raises what it likes
        return pickle.dumps((False, Untold(repr(error))))


def _program(judges: Judges) -> str:
    """What reads here: its version, and the name of its code if that has one."""
    try:
        return f"{__version__} {name_of(judges)}"
    except Nameless:
        return __version__


def _are_known(judges: Judges) -> bool:
    """Whether another process finds each of them by its name."""
    try:
        pickle.dumps(dict(judges))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        log.warning("long documents hold the server up: no other process knows a judge by its name (docs/judges.md)", reason=str(error))
        return False
    return True
