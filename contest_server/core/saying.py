"""Sentences for people: a template and what is filled in, put into words only once somebody reads them, in the reader's language.

The template is the English sentence itself; another language finds its own sentence by it. So the English text is what it would be as plain
text, for digests, keys and programs, and judging formats nothing. Refuses to fail: what cannot be put together shows its template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from string import Formatter
from typing import Any


def half_up(number: Fraction, places: int) -> Decimal:
    """Rounded to so many decimal places, halves away from zero."""
    scaled = abs(number) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-whole if number < 0 else whole).scaleb(-places)


def plain(number: Decimal | Fraction | int) -> str:
    """The number without exponent and trailing zeros; a fraction that does not end is shown to four places."""
    if isinstance(number, Fraction):
        number = half_up(number, 4)
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def in_seconds(time_ms: int) -> str:
    """Milliseconds as a number of seconds: 192418 is "192.418"."""
    return plain(Fraction(time_ms, 1000)) if time_ms % 1000 else str(time_ms // 1000)


class Said:
    """A sentence: `Said("{seen:ms} is over the limit of {limit:ms}", seen=63_000, limit=60_000)`.

    What is filled in: text as it is, numbers without trailing zeros, `:ms` as seconds (`:fine` to three places, `:+fine` with their sign),
    a list with the language's commas (`:;` with its semicolons), a sentence in the same language; anything else as `format` does it.
    `zh` is the Chinese template where no dictionary has one (rules of third parties).
    Equal to another sentence, or to plain text, that reads the same in English.
    """

    __slots__ = ("template", "values", "zh")

    def __init__(self, template: str, /, *, zh: str | None = None, **values: Any) -> None:
        self.template, self.values, self.zh = template, values, zh

    def __str__(self) -> str:
        return KEPT.tell(self)

    def __repr__(self) -> str:
        return f"Said({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, (Said, str)) else NotImplemented

    def __hash__(self) -> int:
        return hash(str(self))

    def __contains__(self, part: str) -> bool:
        return part in str(self)

    def __bool__(self) -> bool:
        return bool(self.template)


class Coded(Said):
    """A stable code within a sentence, of a kind ("reason", "outcome", …): as it is in English, by the words for codes in others."""

    __slots__ = ("kind",)

    def __init__(self, kind: str, code: str) -> None:
        super().__init__("{code}", code=code)
        self.kind = kind


class Named(Said):
    """A name that a definition gives in both languages; where one is missing, the other stands for it."""

    __slots__ = ()

    def __init__(self, zh: str, en: str) -> None:
        super().__init__("{name}", zh="{own}", name=en or zh, own=zh or en)


Text = str | Said
"""A sentence for people, or plain text that is the same in every language (what somebody wrote, a third party's rule)."""


def said_by(fault: BaseException) -> Text:
    """What an exception says, as a sentence if it is one."""
    first = fault.args[0] if fault.args else ""
    return first if isinstance(first, Said) else str(fault)


TRUE, FALSE = Said("true"), Said("false")


def truth(holds: object) -> Said:
    """The result of a comparison, in words."""
    return TRUE if holds else FALSE


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language: its sentences by their English templates, its words for codes ("reason_safety"), what it puts between things, how it
    says a number of seconds, and whether it counts `:fine` ones in milliseconds.
    """

    name: str
    sentences: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    comma: str = ", "
    semicolon: str = "; "
    seconds: str = "{} s"
    in_ms: bool = False

    def tell(self, text: Text) -> str:
        """The text in this language; in English where it has no words for it."""
        if isinstance(text, str):
            return text
        try:
            return _Filled(self).vformat(self.template_of(text), (), text.values)
        except Exception:  # noqa: BLE001 - a third party's sentence may fail in any way, and must not take the contest with it
            return text.template

    def finely(self, time_ms: int, sign: str) -> str:
        """A time to the millisecond; `sign` is "+" where both signs are shown."""
        if self.in_ms:
            return f"{time_ms:{sign}} ms"
        return self.seconds.format(f"{Decimal(time_ms).scaleb(-3):{sign}.3f}")

    def template_of(self, said: Said) -> str:
        own = self.codes.get(f"{said.kind}_{said.values['code']}") if isinstance(said, Coded) else self.sentences.get(said.template)
        return own or (said.zh if self.name == "zh" and said.zh else said.template)


class _Filled(Formatter):
    """Fills values into a template as `Said` promises."""

    def __init__(self, tongue: Tongue) -> None:
        self._tongue = tongue

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "ms":
            return self._tongue.seconds.format(in_seconds(value))
        if format_spec in ("fine", "+fine"):
            return self._tongue.finely(value, format_spec.removesuffix("fine"))
        if format_spec == ";":
            return self._tongue.semicolon.join(self._shown(each) for each in value)
        return format(value, format_spec) if format_spec else self._shown(value)

    def _shown(self, value: Any) -> str:
        match value:
            case Said():
                return self._tongue.tell(value)
            case Decimal() | Fraction():
                return plain(value)
            case list() | tuple():
                return self._joined(value)
            case _:
                return str(value)

    def _joined(self, values: Sequence[Any]) -> str:
        return self._tongue.comma.join(self._shown(each) for each in values)


ENGLISH = Tongue("en")
KEPT = Tongue("en", in_ms=True)
"""English as keys of questions and stored texts have it: what is told to people may be said better, and a question keeps its answer."""
