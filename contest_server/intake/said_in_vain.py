"""What a definition says without any effect: a unit where no time is compared, a condition of what always applies, a misspelt question that
is to be off.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from contest_server.core.compiling import ALWAYS_ASKED
from contest_server.core.faults import Fault
from contest_server.core.outside import RULE
from contest_server.core.rulebook import Rulebook
from contest_server.core.saying import Said

MAY_BE_OFF = (*ALWAYS_ASKED, RULE)


def said_in_vain(book: Rulebook) -> Iterator[Fault]:
    """One for each, at its place."""
    yield from _units_of_no_times(book)
    yield from _conditions_of_the_total(book)
    yield from _questions_nobody_asks(book)


def _units_of_no_times(book: Rulebook) -> Iterator[Fault]:
    for index, link in enumerate(book.definition.ranking):
        if link.unit != "ms" and not link.is_time:
            no_time = Said("{by!r} is no time; a unit is for measures that end in _ms, such as time_ms or group_ms:practical", by=link.by)
            yield Fault(f"ranking[{index}].unit", no_time, "unit_of_no_time")


def _conditions_of_the_total(book: Rulebook) -> Iterator[Fault]:
    """Beside criteria of the definition's own; elsewhere the rule refuses a condition itself."""
    if book.total.when is None and book.definition.total.when is not None:
        always = Said("a rule for {stations} always applies; it takes no condition", stations=["total"])
        yield Fault("total.when", always, "no_condition")


def _questions_nobody_asks(book: Rulebook) -> Iterator[Fault]:
    """Names that are nearly those of questions: whoever misspells one is asked all the same. Any other may be that of another version."""
    for index, name in enumerate(book.definition.doubts_defaults.off):
        near = [] if name in MAY_BE_OFF else difflib.get_close_matches(name, MAY_BE_OFF, n=1)
        if near:
            unknown = Said("no question that is always asked is called {name!r}; did you mean {near!r}?", name=name, near=near[0])
            yield Fault(f"doubts_defaults.off[{index}]", unknown, "unknown_question")
