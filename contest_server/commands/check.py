"""`contest-server check`: look at a definition without adopting it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from contest_server.builder.checking import warnings_of
from contest_server.commands.options import judges_here, rulebook_of
from contest_server.commands.tongue import tell, tongue
from contest_server.core.saying import Said, Text


def check(
    file: Annotated[Path, typer.Argument(help="The definition: a TOML document. A contestants' file it names is read as well.")],
) -> None:
    """Check a contest's definition and name every fault with its line or field, and what is merely odd. Changes nothing.

    Exit codes: 0 the definition is good, 1 it has faults (listed), 2 the file cannot be read.
    """
    book = rulebook_of(file, judges_here())
    definition = book.definition
    aspects = sum(len(stage.aspects) for stage in definition.stages)
    contest, name = definition.contest, definition.contest.name
    tell(Said("{id} version {version}: {zh_name} / {en_name}", id=contest.id, version=contest.version, zh_name=name.zh, en_name=name.en))
    tell(
        Said(
            "  {venues} venues, {contestants} contestants, {stages} stages, {aspects} aspects",
            venues=len(definition.venues),
            contestants=len(definition.contestants),
            stages=len(definition.stages),
            aspects=aspects,
        )
    )
    tell(Said("  total by {rule}; ranking by {links}", rule=book.total.name, links=_in_turn([link.by for link in definition.ranking])))
    for warning in warnings_of(book):
        tell(Said("  warning: {where}: {message}", where=warning["where"], message=warning["message"][tongue().name]))
    tell(Said("good"))


def _in_turn(links: Sequence[str]) -> Text:
    """What decides first, and what decides where that ties."""
    first, *more = links
    return Said("{first}, then {rest}", first=first, rest=_in_turn(more)) if more else first
