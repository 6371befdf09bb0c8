"""`contest-server check`: look at a definition without adopting it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contest_server.builder.checking import warnings_of
from contest_server.commands.options import judges_here, rulebook_of


def check(
    file: Annotated[Path, typer.Argument(help="The definition: a TOML document. A contestants' file it names is read as well.")],
) -> None:
    """Check a contest's definition and name every fault with its line or field, and what is merely odd. Changes nothing.

    Exit codes: 0 the definition is good, 1 it has faults (listed), 2 the file cannot be read.
    """
    book = rulebook_of(file, judges_here())
    definition = book.definition
    aspects = sum(len(stage.aspects) for stage in definition.stages)
    typer.echo(f"{definition.contest.id} version {definition.contest.version}: {definition.contest.name.zh} / {definition.contest.name.en}")
    typer.echo(
        f"  {len(definition.venues)} venues, {len(definition.contestants)} contestants, {len(definition.stages)} stages, {aspects} aspects"
    )
    typer.echo(f"  total by {book.total.name}; ranking by {', then '.join(link.by for link in definition.ranking)}")
    for warning in warnings_of(book):
        typer.echo(f"  warning: {warning['where']}: {warning['message']['en']}")
    typer.echo("good")
