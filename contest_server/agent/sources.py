"""Where events come from: a file, a stream, or a program in this process. Each gives chunks, and reads no faster than it is asked."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contest_server.agent.calls import Calls
from contest_server.agent.files import InputAs, InputFault, Tail
from contest_server.agent.limits import CHUNK_BYTES_MAX, CHUNK_EVENTS_MAX
from contest_server.agent.outbox import Outbox
from contest_server.agent.reading import Chunk, NowUs, Splitter, draft_event, drafts_of
from contest_server.core.saying import Said

Source = AsyncGenerator[Chunk, None]


async def from_events(events: AsyncIterable[Mapping[str, object]], now_us: NowUs) -> Source:
    """Events made in this process, one a chunk. Raises ValueError for one that JSON cannot carry."""
    async for event in events:
        yield Chunk((draft_event(event, now_us),))


async def from_bytes(parts: AsyncIterable[bytes], now_us: NowUs) -> Source:
    """A stream of lines that cannot be read again. Its end ends the last line, newline or not."""
    splitter = Splitter()
    async for part in parts:
        lines = list(splitter.feed(part))
        for begin in range(0, len(lines), CHUNK_EVENTS_MAX):
            yield Chunk(drafts_of(lines[begin : begin + CHUNK_EVENTS_MAX], now_us))
    last = splitter.finish()
    if last is not None:
        yield Chunk(drafts_of([last], now_us))


async def descriptor_bytes(descriptor: int) -> AsyncIterator[bytes]:
    """What a pipe, a terminal or a device says. It is read in a daemon thread, because such a read cannot be cancelled."""
    while True:
        part = await _read_once(descriptor)
        if not part:
            return
        yield part


async def _read_once(descriptor: int) -> bytes:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[bytes] = loop.create_future()

    def settle(part: bytes | OSError) -> None:
        if not answer.done():
            answer.set_exception(part) if isinstance(part, OSError) else answer.set_result(part)

    def read() -> None:
        try:
            part: bytes | OSError = os.read(descriptor, CHUNK_BYTES_MAX)
        except OSError as fault:
            part = fault
        with suppress(RuntimeError):  # the loop has ended, and with it the interest in this input
            loop.call_soon_threadsafe(settle, part)

    threading.Thread(target=read, name="input", daemon=True).start()
    return await answer


@dataclass(frozen=True, slots=True)
class FileInput:
    """A file of lines, and how it is read."""

    path: Path
    follow: bool
    input_as: InputAs
    poll_s: float


async def from_file(wanted: FileInput, outbox: Outbox, call: Calls, now_us: NowUs) -> Source:
    """From where the outbox left off. Following never ends, and waits for a file that is not there yet. Raises InputFault."""
    input_as = wanted.input_as
    while True:
        tail = await _open(wanted, input_as, outbox, call, now_us)
        input_as = InputAs.ASK  # what a person decided holds for the file that was there then
        try:
            async for chunk in _growing(tail, wanted, call):
                yield chunk
            if not wanted.follow:
                async for chunk in _ending(tail, call):
                    yield chunk
                return
        except OSError as fault:
            raise InputFault(f"{wanted.path}: {fault}") from fault
        finally:
            await call(tail.close)  # behind a read that is still going on where this was cancelled


async def _open(wanted: FileInput, input_as: InputAs, outbox: Outbox, call: Calls, now_us: NowUs) -> Tail:
    def attempt() -> Tail | None:
        try:
            return Tail.open(wanted.path, outbox.marks(), now_us, input_as)
        except FileNotFoundError:
            if wanted.follow:
                return None
            raise

    while True:
        try:
            tail = await call(attempt)
        except OSError as fault:
            raise InputFault(f"{wanted.path}: {fault.strerror or fault}") from fault
        if tail is not None:
            return tail
        await asyncio.sleep(wanted.poll_s)


async def _growing(tail: Tail, wanted: FileInput, call: Calls) -> Source:
    """Whole lines as they come. Ends at the end of the file, when following only if another file has taken its place."""
    while True:
        replaced = await call(tail.replaced)
        while (chunk := await call(tail.read)) is not None:
            yield chunk
        if replaced or not wanted.follow:
            return
        await asyncio.sleep(wanted.poll_s)


async def _ending(tail: Tail, call: Calls) -> Source:
    chunk = await call(tail.finish)
    if chunk is not None:
        yield chunk
    if tail.unfinished_bytes:
        unfinished = Said(
            "{path}: line {line} has no newline and is no whole object; it is left until it is finished",
            path=tail.path,
            line=tail.mark.lines + 1,
        )
        raise InputFault(unfinished)
