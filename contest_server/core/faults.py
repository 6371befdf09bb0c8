"""What is wrong with a document: each fault with its place, so that whoever wrote it can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contest_server.core.rereading import Templates
from contest_server.core.saying import Said, Text

_PLACES = Templates(
    each.template
    for each in (
        Said("document"),
        Said("table"),
        Said("line {line}"),
        Said("line {line}, {path}"),
        Said("{file} row {row}"),
        Said("{file} row {row} {path}"),
        Said("{file} column {column}"),
    )
)
"""Places that are words and no path, so that a sentence of another language has its own for them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a document: where (a path such as `stages[2].aspects[0].max`, or "line 7"), and what was expected.

    `code` is a stable word for programs ("": the sentence is all there is).
    """

    where: str
    message: Text
    code: str = ""

    @property
    def sentence(self) -> Said:
        """Place and message in one, for whoever has one line to show."""
        return Said("{where}: {message}", where=_PLACES.read(self.where), message=self.message)

    def __str__(self) -> str:
        return str(self.sentence)


class DefinitionError(Exception):
    """The document cannot be adopted. `faults` names every one that was found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = list(faults)

    def __reduce__(self) -> tuple[type[DefinitionError], tuple[list[Fault]]]:
        """From the process in which a document was read."""
        return DefinitionError, (self.faults,)


def path_of(location: Sequence[str | int]) -> str:
    """`("stages", 2, "aspects", 0, "max")` as `stages[2].aspects[0].max`."""
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path.lstrip(".") or "document"
