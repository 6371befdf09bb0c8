"""What the rules of `[[conversions]]` make of a standing, for who reads it: of contestants, of teams, or why a rule makes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contest_server.builder.gallery_files import BadGalleryFile, read_gallery_file
from contest_server.core.asking import ask
from contest_server.core.judging import Converted, Opinion, Placed
from contest_server.core.rows import plain_decimal
from contest_server.core.rulebook import JudgeClass, Rule
from contest_server.core.saying import Named, Said, Text

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """What each rule answers about the standing of `everybody`. Rules are told by their place in `[[conversions]]`, from 1."""

    everybody: Collection[str]
    answers: Sequence[tuple[Rule, Mapping[str, Converted] | Opinion]] = ()

    def of_contestants(self) -> dict[int, Mapping[str, Converted]]:
        """What each rule gives that is about contestants."""
        return {
            number: made
            for number, (_, made) in enumerate(self.answers, start=1)
            if not isinstance(made, Opinion) and made.keys() <= set(self.everybody)
        }

    def figures(self) -> Iterator[Row]:
        """What the other rules give, of teams; and without `who` and `value` each rule that failed, with why."""
        own, titles = self.of_contestants(), self.titles()
        for number, (rule, made) in enumerate(self.answers, start=1):
            about = {"number": number, "rule": rule.name, "title": titles[number]}
            if isinstance(made, Opinion):
                yield {**about, "who": None, "value": None, "told": [made.detail]}
            elif number not in own:
                yield from ({**about, "who": str(who), **converted(each)} for who, each in made.items())

    def titles(self) -> dict[int, Text]:
        """What each rule is called, with its number where several are called so."""
        rules = [rule for rule, _ in self.answers]
        often = Counter(rule.name for rule in rules)
        titles = {number: _title(type(rule.judge)) or rule.name for number, rule in enumerate(rules, start=1)}
        return {
            number: Said("{title} ({number})", title=title, number=number) if often[rules[number - 1].name] > 1 else title
            for number, title in titles.items()
        }


def made_of(rules: Sequence[Rule], standing: Sequence[Placed]) -> Made:
    """Ask every rule. They may take their time, and hold up nobody in a thread."""
    board = list(standing)  # each of them is made once
    return Made({str(each.contestant) for each in board}, [(rule, ask(rule, "convert", board)) for rule in rules])


def converted(made: Converted) -> Row:
    """What a rule makes of one contestant or team, and what it asks about that."""
    return {"value": plain_decimal(made.value), "told": [each.detail for each in made.opinions]}


def _title(judge: JudgeClass) -> Text | None:
    """What the gallery calls a rule; None where nobody has named it."""
    try:
        title = read_gallery_file(judge).title
    except BadGalleryFile:
        return None
    return Named(title["zh"], title["en"]) if title else None
