"""The stands of all boards of this server: one for each view that somebody watches, and only as long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext

import structlog

from contest_server.core.audience import Audience
from contest_server.live.board import ViewLog
from contest_server.live.desk import Desk
from contest_server.live.pouring import Pourer
from contest_server.live.seats import Outlet, Seat
from contest_server.live.settings import Settings
from contest_server.live.slices import Slices
from contest_server.live.stand import Stand
from contest_server.wire.display import DisplaySession
from contest_server.wire.messages import RESTARTING

log = structlog.get_logger()


class Stands:
    """Finds every display its stand. A stand that fails sends its own displays away to come back, and nobody else."""

    def __init__(self, settings: Settings, now_us: Callable[[], int], pourer: Pourer | None) -> None:
        self._settings, self._now_us, self._pourer = settings, now_us, pourer
        self._open: dict[ViewLog, tuple[Stand, asyncio.Task[None]]] = {}
        self._tasks: asyncio.TaskGroup | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Stands]:
        """Stands are there inside this block, and end with it."""
        async with nullcontext() if self._pourer is None else self._pourer.running(), asyncio.TaskGroup() as self._tasks:
            try:
                yield self
            finally:
                for _, task in self._open.values():
                    task.cancel()

    @contextmanager
    def seated(self, desk: Desk, audience: Audience, view: ViewLog, outlet: Outlet, session: DisplaySession) -> Iterator[Seat]:
        """A seat before this view of the desk's board, while the display is here."""
        stand = self._stand(desk, audience, view)
        try:
            with stand.seated(outlet, session) as seat:
                yield seat
        finally:
            if not len(stand) and view in self._open and self._open[view][0] is stand:
                self._open.pop(view)[1].cancel()

    def _stand(self, desk: Desk, audience: Audience, view: ViewLog) -> Stand:
        if view not in self._open:
            assert self._tasks is not None, "stands are not running"
            settings = self._settings
            beat_s = settings.beat_interval_ms / 1000
            stand = Stand(desk.board, audience, view, settings.credit_max_frames, beat_s, settings.bad_messages_max, self._pourer)
            self._open[view] = stand, self._tasks.create_task(self._run(stand, desk, view))
        return self._open[view][0]

    async def _run(self, stand: Stand, desk: Desk, view: ViewLog) -> None:
        try:
            slices = Slices(lambda: desk.waiting > 0 or desk.owed.for_s > 0)
            await stand.run(desk.closed, lambda: desk.owed.for_s, slices, self._now_us)
        except Exception:  # a fault of ours must not end the server: the displays come back, to a new stand
            log.exception("stand ended", contest=desk.contest.id)
        finally:
            if view in self._open and self._open[view][0] is stand:
                del self._open[view]
            stand.close(RESTARTING)
