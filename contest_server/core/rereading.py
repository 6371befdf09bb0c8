"""English text read back: which template made it, and what was filled in. So what is stored or sent in English has other languages.

A value is looked up among the words for codes by the name of its placeholder up to the first underscore (`{field}`, `{json_got}`:
"field_at", "json_str"); in `{what}` stands a sentence that is known, too, and in `{field}` the name of a field. The desk's page reads in
the same way (`desk/rereading.ts`).
Refuses nothing: text that none of the templates made stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from string import Formatter

from contest_server.core.saying import Coded, Said, Text

TEXT_MAX_CHARS = 1_000
"""Longer text is left as it is: it came from somebody else, and reading it back would cost too much."""
SENTENCE = "what"
WHATS_MAX = 3
"""So many sentences stand within one another at most; a sender who writes more of them is not read back."""
LOOKS = {"field": r"[\w.\[\]-]+", "line": "[^ ]+", "column": "[^ ]+", "char": "[^ ]+"}
"""How a value looks, by the name of its placeholder; any other may be any text, and three such in a row would cost too much to part."""


class Reread(Said):
    """A sentence that was read back."""

    __slots__ = ()

    def __init__(self, template: str, values: Mapping[str, Said]) -> None:
        self.template, self.values, self.zh = template, dict(values), None


def others_words(text: str) -> Said:
    """What somebody else's program says in English; other languages say that it is so."""
    return Said("{original}", original=text)


class Templates:
    """Templates that a text may have been made of; the one with the most letters of its own is tried first."""

    def __init__(self, templates: Iterable[str]) -> None:
        parsed = [(template, list(Formatter().parse(template))) for template in templates]
        parsed.sort(key=lambda each: -sum(len(literal) for literal, *_ in each[1]))
        self._patterns = [(template, _pattern(parts)) for template, parts in parsed]

    def read(self, text: str) -> Text:
        """The sentence that reads like this text; the text itself where there is none."""
        if len(text) > TEXT_MAX_CHARS:
            return text
        return self._read(text, WHATS_MAX)

    def told(self, text: str) -> Said:
        """The same for what somebody else's program says: an unknown text is marked as theirs."""
        found = self.read(text)
        return found if isinstance(found, Said) else others_words(text)

    def _read(self, text: str, whats_left: int) -> Text:
        for template, pattern in self._patterns:
            found = pattern.fullmatch(text)
            values = None if found is None else self._values(found.groupdict(), whats_left)
            if values is not None:
                return Reread(template, values)
        return text

    def _values(self, texts: Mapping[str, str], whats_left: int) -> dict[str, Said] | None:
        """What was filled in; None where a sentence among it is not known, or stands too deep."""
        if SENTENCE in texts and whats_left == 0:
            return None
        values: dict[str, Said] = {}
        for name, text in texts.items():
            value = self._read(text, whats_left - 1) if name == SENTENCE else Coded(name.partition("_")[0], text)
            if not isinstance(value, Said):
                return None
            values[name] = value
        return values


def _pattern(parts: Iterable[tuple[str, str | None, str | None, str | None]]) -> re.Pattern[str]:
    """What such a text looks like; a value that stands in it twice is the same both times."""
    pattern, seen = "", set[str]()
    for literal, name, *_ in parts:
        pattern += re.escape(literal)
        if name is not None:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>{LOOKS.get(name, '.*?')})"
            seen.add(name)
    return re.compile(pattern, re.DOTALL)
