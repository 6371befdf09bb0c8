"""Long reckoning in a process of its own, with less right to the processor and an end: a contest that goes on keeps its server."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from contest_server.core.saying import Said

WITHIN_S = 90.0
NICE = 10


class Unfinished(Exception):
    """It took too long, or its process ended without an answer."""


async def apart(function: Callable[..., Any], *arguments: Any, within_s: float = WITHIN_S) -> Any:
    """What the function returns; what it raises is raised here. Function and arguments must be known by name to another process.

    Raises:
        Unfinished: after `within_s`, when the process has been ended, or if it ended by itself without an answer.
    """
    return await asyncio.to_thread(_run, function, arguments, within_s)


def _run(function: Callable[..., Any], arguments: tuple[Any, ...], within_s: float) -> Any:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(there, function, arguments), daemon=True)
    process.start()
    there.close()
    try:
        if not here.poll(within_s):
            raise Unfinished(Said("not done within {within_s:g} s", within_s=within_s))
        is_answer, found = here.recv()
    except EOFError:
        raise Unfinished(Said("ended before there was an answer")) from None
    finally:
        process.kill()
        process.join()
        here.close()
    if is_answer:
        return found
    raise found


def _child(answer: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    with suppress(OSError):
        os.nice(NICE)
    try:
        answer.send((True, function(*arguments)))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told to whoever asked
        answer.send((False, error))
