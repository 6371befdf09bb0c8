"""Which terminals are connected, against the wiring diagram."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from contest_server.core.judging import API_VERSION, ZERO, Doubt, Evidence, MissingEvidence, Opinion, Said, Score, Step
from judges.exact import check_distinct, check_marks, check_sum, overwritten
from judges.listed import rows_of, without_blanks

Pair = tuple[str, str]
"""Two terminals in order of the alphabet: a connection has no direction."""
OFF = Said("Keep the power off, and look at the wiring.")


@dataclass(frozen=True, slots=True)
class Connection:
    """`a` and `b`, the terminals that it joins, and the `marks` that it is worth."""

    a: str
    b: str
    marks: Decimal


@dataclass(frozen=True, slots=True)
class NeverJoined:
    """`a` and `b`, two terminals that must not be joined, not even by way of others: a short circuit."""

    a: str
    b: str


@dataclass(frozen=True, slots=True)
class WiringMatrix:
    """Add the marks of the connections that are right, less a penalty for each wrong one, never below zero (A19). One line a connection.

    max: what the marks of all connections add up to
    field: the field of the evidence with the connections found: a list of pairs of terminals, each [a, b] or {a, b}
    connections: the standard matrix, each {a, b, marks}
    wrong: what each connection takes off that is not in the matrix
    never: terminals that must not be joined, each {a, b}; joined, they are a question: a short circuit
    """

    rule: ClassVar[str] = "wiring_matrix"
    catalogue: ClassVar[str] = "A19"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "2"

    max: Decimal
    field: str
    connections: tuple[Connection, ...]
    wrong: Decimal = ZERO
    never: tuple[NeverJoined, ...] = ()

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_marks("wrong", self.wrong)
        for each in self.connections:
            check_marks(Said("the marks of {name}", name=f"{each.a}-{each.b}"), each.marks)
        for a, b in (*((each.a, each.b) for each in self.connections), *((each.a, each.b) for each in self.never)):
            if a == b:
                raise ValueError(Said("{a} is joined with itself", a=a))
        check_distinct("connections", ["-".join(_pair(each.a, each.b)) for each in self.connections])
        total = sum((each.marks for each in self.connections), ZERO)
        check_sum(Said("the connections' marks"), total, self.max)
        shorted = _Nets([_pair(each.a, each.b) for each in self.connections])
        for short in self.never:
            if shorted(short.a) == shorted(short.b):
                raise ValueError(
                    Said("{a} and {b} are never to be joined, but the connections of the matrix join them", a=short.a, b=short.b)
                )
        without_blanks(self, "connections", "never")

    def score(self, evidence: Evidence) -> Score:
        found = self._found(evidence)
        standard: dict[Pair, Decimal] = {}
        for each in self.connections:
            pair = _pair(each.a, each.b)
            standard[pair] = standard.get(pair, ZERO) + each.marks
        steps, marks = [], ZERO
        for pair, worth in standard.items():
            brings = worth if pair in found else ZERO
            marks += brings
            steps.append(
                Step(
                    Said("{pair}: {found}", pair="-".join(pair), found=Said("right") if pair in found else Said("missing")),
                    Said("{brings}", brings=brings),
                )
            )
        wrong = sorted(set(found) - set(standard))
        steps += [Step(Said("{pair}: wrong", pair="-".join(pair)), Said("{wrong}", wrong=-self.wrong)) for pair in wrong]
        total = max(ZERO, marks - self.wrong * len(wrong))
        steps.append(Step(Said("{marks} - {wrong}, not below 0", marks=marks, wrong=self.wrong * len(wrong)), Said("{total}", total=total)))
        used = {"-".join(pair): "wrong" if pair in wrong else "right" for pair in found}
        return Score(total, self.max, tuple(steps), used, overwritten(evidence, self.field), tuple(self._shorts(found)))

    def _found(self, evidence: Evidence) -> list[Pair]:
        pairs = set()
        for row in rows_of(evidence, self.field):
            ends = [row.get("a"), row.get("b")] if isinstance(row, Mapping) else row
            if not isinstance(ends, (list, tuple)) or len(ends) != 2 or not all(isinstance(end, str) and end.strip() for end in ends):
                raise MissingEvidence(Said("{field}: {row!r} is no pair of terminals", field=self.field, row=str(row)[:40]))
            a, b = (end.strip() for end in ends)
            if a != b:
                pairs.add(_pair(a, b))
        return sorted(pairs)

    def _shorts(self, found: Iterable[Pair]) -> Iterator[Opinion]:
        net_of = _Nets(found)
        for pair in self.never:
            if pair.a != pair.b and net_of(pair.a) == net_of(pair.b):
                detail = Said("{a} and {b} are joined: a short circuit; do not switch on", a=pair.a, b=pair.b)
                yield Opinion(Doubt.QUESTIONABLE, detail, "short_circuit", "apart", f"{pair.a}-{pair.b}", OFF)


def _pair(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)


class _Nets:
    """Which terminals hang together: equal answers mean one net."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._above: dict[str, str] = {}
        for a, b in pairs:
            self._above[self(a)] = self(b)

    def __call__(self, terminal: str) -> str:
        while terminal in self._above and self._above[terminal] != terminal:
            terminal = self._above[terminal]
        return terminal
