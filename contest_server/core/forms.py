"""What a stage wants entered by hand: fields of the evidence with their units and ranges, and the words for breaches of rules.

Rules say what they read (`wanted()`); the definition's `[[stages.entries]]` outweigh; else the end of a field's name says its unit
("insulation_mohm"). Nothing here says what would be right: an operator enters what the instrument shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from contest_server.core.definition import AspectDef, EntryDef, Text
from contest_server.core.judging import ZERO, Wanted
from contest_server.core.rulebook import Rule, StageRules
from contest_server.core.telling import codes_of, names_of, wanted_of

UNITS: Mapping[str, tuple[str, Decimal | None]] = {
    "gohm": ("GΩ", ZERO), "mohm": ("MΩ", ZERO), "kohm": ("kΩ", ZERO), "ohm": ("Ω", ZERO),
    "kv": ("kV", None), "v": ("V", None), "mv": ("mV", None), "a": ("A", None), "ma": ("mA", None),
    "w": ("W", None), "kw": ("kW", None), "hz": ("Hz", ZERO), "nm": ("N·m", ZERO),
    "mm": ("mm", None), "cm": ("cm", None), "kg": ("kg", ZERO), "g": ("g", ZERO), "l": ("L", ZERO), "ml": ("mL", ZERO),
    "s": ("s", ZERO), "ms": ("ms", ZERO), "min": ("min", ZERO), "bar": ("bar", None), "kpa": ("kPa", None), "mpa": ("MPa", None),
    "degc": ("°C", Decimal("-273.15")), "deg": ("°", None), "percent": ("%", None), "lx": ("lx", ZERO), "db": ("dB", None),
    "cny": ("CNY", None),
}  # fmt: skip
"""The unit that the end of a field's name means, and the least value that it can have."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One line of the form. `aspect` is what it is scored in; None: it belongs to a rule of the stage."""

    wanted: Wanted
    aspect: AspectDef | None
    entry: EntryDef | None
    is_alone: bool
    """Whether it is all that its aspect reads, so that the aspect's name is its own."""

    @property
    def name(self) -> Text | None:
        if self.entry is not None and self.entry.name is not None:
            return self.entry.name
        return self.aspect.name if self.aspect is not None and self.is_alone else None

    @property
    def unit(self) -> str | None:
        if self.wanted.kind != "number":
            return None
        return self.entry.unit if self.entry is not None and self.entry.unit is not None else _by_name(self.wanted.field)[0]

    @property
    def low(self) -> Decimal | None:
        told = None if self.entry is None else self.entry.min
        return _first(told, self.wanted.low, _by_name(self.wanted.field)[1] if self.wanted.kind == "number" else None)

    @property
    def high(self) -> Decimal | None:
        return _first(None if self.entry is None else self.entry.max, self.wanted.high)

    @property
    def places(self) -> int | None:
        return self.entry.places if self.entry is not None and self.entry.places is not None else self.wanted.places


@dataclass(frozen=True, slots=True)
class StageForm:
    """`devices` are fields that a device fills, `marked` are aspects that referees mark: neither is entered at a venue's desk."""

    fields: Sequence[FormField] = ()
    devices: Sequence[str] = ()
    marked: Sequence[str] = ()
    violations: Sequence[str] = field(default=())
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """What violations are called, in Chinese and in English, where the definition says it."""
    called: Mapping[str, Text] = field(default_factory=dict)
    """The names of aspects, and of fields that are no line of the form: sentences of rules speak of them by their ids."""


def form_of(stage: StageRules) -> StageForm:
    """The form of a stage; each field once, in the order of the aspects."""
    entries = {entry.field: entry for entry in stage.definition.entries}
    found: dict[str, FormField] = {}
    devices: dict[str, None] = {}
    for aspect, rule in readers(stage):
        if aspect is not None and aspect.id in stage.marked:
            continue
        wanted = wanted_of(rule.judge)
        for each in wanted:
            found.setdefault(each.field, FormField(each, aspect, entries.get(each.field), len(wanted) == 1))
        if not wanted and isinstance(device := getattr(rule.judge, "field", None), str):
            devices[device] = None
    codes = {code: None for _, rule in readers(stage) for code in codes_of(rule.judge)}
    names = {code: name for _, rule in readers(stage) for code, name in names_of(rule.judge).items()}
    left = tuple(name for name in devices if name not in found)
    return StageForm(tuple(found.values()), left, tuple(stage.marked), tuple(codes), names, dict(_called(stage, found)))


def _called(stage: StageRules, lines: Mapping[str, FormField]) -> Iterator[tuple[str, Text]]:
    """What has a name without being a line; of two with the same id the field, as the later one."""
    yield from ((aspect.id, aspect.name) for aspect in stage.definition.aspects if aspect.name is not None)
    for aspect, rule in readers(stage):
        read = getattr(rule.judge, "field", None)
        if aspect is not None and aspect.name is not None and isinstance(read, str) and read not in lines:
            yield read, aspect.name
    yield from ((entry.field, entry.name) for entry in stage.definition.entries if entry.name is not None and entry.field not in lines)


def readers(stage: StageRules) -> Iterator[tuple[AspectDef | None, Rule]]:
    """Each rule that reads evidence or violations, once, with the aspect that it scores (None: it belongs to the stage)."""
    by_aspect = {aspect.id: (aspect, rule) for aspect, rule in (*stage.scorers, *stage.compared)}
    yield from (by_aspect[aspect.id] for aspect in stage.definition.aspects if aspect.id in by_aspect)
    seen: list[Rule] = []
    for rule in (*stage.gates, *stage.admits, *stage.charges, *stage.awards):
        if rule not in seen:  # a rule of several stations stands in each
            seen.append(rule)
            yield None, rule


def _by_name(name: str) -> tuple[str | None, Decimal | None]:
    _, cut, ending = name.rpartition("_")
    return UNITS.get(ending.lower(), (None, None)) if cut else (None, None)


def _first(*values: Decimal | None) -> Decimal | None:
    return next((value for value in values if value is not None), None)
