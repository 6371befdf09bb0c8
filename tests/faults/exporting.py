"""The commands `export` and `verify`, as an operator runs them, on this process's own Python: starting another one costs a second each."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import typer

from contest_server.commands.export import export
from contest_server.commands.verify import verify
from tests.contests import CUP


async def exported(url: str, to: Path, contest: str = CUP) -> bytes:
    """The export of the contest at this database, by the command."""
    said = await asyncio.to_thread(_said, lambda: export(contest, url, str(to), force=True))
    assert said[0] == 0, f"contest-server export: {said[1]}"
    return await asyncio.to_thread(to.read_bytes)


async def verified(path: Path) -> None:
    said = await asyncio.to_thread(_said, lambda: verify(str(path)))
    assert said[0] == 0, f"contest-server verify: {said[1]}"


def _said(command: Callable[[], None]) -> tuple[int, str]:
    """Exit status and what it wrote."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        try:
            command()
        except typer.Exit as end:
            return end.exit_code, out.getvalue()
    return 0, out.getvalue()
