"""What a ruling about everybody would change: the contest as it would be, made beside the one that goes on, in pieces, and following it.

It is what `effects.effect_of` says, which judges everybody three times at one go.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

import msgspec

from contest_server.core.acts import Ruled
from contest_server.core.contest import Contest
from contest_server.core.effects import Comparison, Effect, effect_of, in_force, picture_of
from contest_server.core.facts import Entry
from contest_server.core.ids import ActId
from contest_server.core.pieces import at_once
from contest_server.core.remaking import EVENTS_A_PIECE, is_about_everybody, is_long, judged_anew
from contest_server.core.rows import digested

FOLLOWS_AT_ONCE_MAX = 500
"""Entries that are taken in where somebody waits for the answer: some 50 ms."""
LAST_US = 1 << 60
"""Later than any act: what is supposed comes after all that was entered, whenever that was."""

SUPPOSED = ActId("only supposed")
"""No act that is entered has such an id: the very ruling that is supposed may be entered meanwhile."""


class ToBeSupposed(Exception):
    """It takes long to find out what this ruling would change: let a `Supposition` be made first, or made anew."""


class Supposition:
    """The contest as it would be with this ruling in force, second person or not."""

    def __init__(self, ruling: Ruled) -> None:
        self._ruling = ruling
        self._shadow: Contest | None = None
        self._until = 0
        self._is_outdated = False
        self._comparison = Comparison()

    def pieces(self, contest: Contest) -> Generator[None, None, None]:
        """Make it of the contest as it is at the first piece; at the last one it is nearly level with the contest, which goes on."""
        last = msgspec.structs.replace(in_force(self._ruling), id=SUPPOSED, at_us=LAST_US)
        self._until = contest.position
        shadow = self._shadow = contest.heir(Entry(contest.position + 1, last.at_us, last.official, last))
        yield from judged_anew(shadow, {})
        for _ in digested(shadow.rows, shadow.first_clears()):
            yield  # each row has its text then
        while not self._is_outdated and (news := self._news(contest)):
            for at in range(0, len(news), EVENTS_A_PIECE):
                self._take(shadow, news[at : at + EVENTS_A_PIECE])
                yield
        if not self._is_outdated:
            yield from self._comparison.comparing(picture_of(contest), picture_of(shadow))

    def effect(self, contest: Contest) -> Effect:
        """What it would change now. Raises ToBeSupposed, from then on always, where too much has happened since it was asked last."""
        news, shadow = self._news(contest), self._shadow
        self._is_outdated = self._is_outdated or shadow is None or len(news) > FOLLOWS_AT_ONCE_MAX
        if shadow is not None and not self._is_outdated:
            self._take(shadow, news)
        if shadow is None or self._is_outdated:
            raise ToBeSupposed
        return at_once(self._comparison.comparing(picture_of(contest), picture_of(shadow)))

    def is_of(self, ruling: Ruled) -> bool:
        return (ruling.action, ruling.contestant, ruling.stage) == (self._ruling.action, self._ruling.contestant, self._ruling.stage)

    def let_go(self) -> Iterator[None]:
        """Free it, in pieces."""
        former = iter(()) if self._shadow is None else self._shadow.leaving()
        self._shadow, self._comparison = None, Comparison()
        yield from former

    def _news(self, contest: Contest) -> Sequence[Entry]:
        """What happened since this was asked last."""
        news = contest.lived(self._until) if contest.position > self._until else []
        self._until = contest.position
        return news

    def _take(self, shadow: Contest, news: Sequence[Entry]) -> None:
        """Take these in. Where one of them concerns everybody, this is outdated: all has to be made anew."""
        for entry in news:
            self._is_outdated = self._is_outdated or is_long(shadow, entry.fact)
            if self._is_outdated:
                return
            shadow.relive(entry)
        shadow.settle()


def supposed_effect(contest: Contest, ruling: Ruled, supposition: Supposition | None) -> Effect:
    """What the ruling would change now. Raises ToBeSupposed: see there."""
    if supposition is not None and supposition.is_of(ruling):
        return supposition.effect(contest)
    if is_about_everybody(contest, ruling):
        raise ToBeSupposed
    return effect_of(contest, [ruling])
