"""How far a command is, for whoever sits at a terminal. Writes nothing where nobody does."""

from __future__ import annotations

import sys

import typer

from contest_server.commands.tongue import in_tongue
from contest_server.core.saying import Said, Text


def show_progress(what: str, done: int, all_: int) -> None:
    """Of one part of the work."""
    _show(Said("{what}: {done:,} of {all:,} …", what=what, done=done, all=all_))


def show_entries(done: int, all_: int) -> None:
    _show(Said("{done:,} of {all:,} entries …", done=done, all=all_))


def show_count(entries: int) -> None:
    """Where nobody knows how many there are."""
    _show(Said("      {entries:,} entries …", entries=entries))


def _show(text: Text) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{in_tongue(text)}\x1b[K\r", err=True, nl=False)
