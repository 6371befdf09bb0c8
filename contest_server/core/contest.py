"""The fold: the whole contest as a function of its ledger. `advance` takes one entry; `settle` judges what that touched.

Nothing here knows where entries come from or who looks. The same entries lead to the same rows, wherever and whenever they are read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from itertools import islice
from operator import attrgetter
from typing import assert_never

from contest_server.core.acts import Act, Published, Ruled, Seconded
from contest_server.core.bench import Bench
from contest_server.core.clock import ContestClock
from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition import Definition
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import (
    Adopted,
    Clock,
    ContestantId,
    ContestId,
    Directed,
    Entry,
    Event,
    Finalised,
    Frozen,
    Refused,
    SourceId,
    Standing,
    Thawed,
    Unveiled,
    Veiled,
)
from contest_server.core.flags import Flag
from contest_server.core.office import Office
from contest_server.core.remembered import FrozenBoard, PublishedBoard
from contest_server.core.results import Results
from contest_server.core.rulebook import Judges
from contest_server.core.rulings import Touched
from contest_server.core.sources import SourceState
from contest_server.core.staging import Given, Staging
from contest_server.core.surveys import Memory

Milestone = Adopted | Clock | Frozen | Thawed | Finalised | Standing | Unveiled | Veiled


class Contest(Results):
    """The state of one contest after `position` entries."""

    def __init__(self, contest: ContestId, judges: Judges) -> None:
        super().__init__()
        self.id = contest
        self.position = 0
        self.version = 0
        self.adopted_at = 0
        self.clock = ContestClock()
        self.sources: dict[SourceId, SourceState] = {}
        self.frozen: FrozenBoard | None = None
        self.unveiled: dict[ContestantId, Unveiled] = {}
        """Whom the public sees as they are although the board is frozen, in the order of the steps."""
        self.unveilings: set[str] = set()
        """The ids of all steps so far, forwards and back."""
        self.staging = Staging()
        self.final = False
        self.final_at = 0
        self.thawed_us: int | None = None
        self.office = Office()
        self.published: list[PublishedBoard] = []
        self.milestones: list[Entry] = []
        """Entries that are neither events nor acts: adoptions, the clock, the freeze, the end."""
        self.unmatched: list[Entry] = []
        self.after_final: list[Entry] = []
        self.judges = judges
        self._events: list[Entry] = []
        self.memory = Memory()
        """What surveys saw, for the next one."""
        self.surveyed: tuple[int, Bench, Sequence[Flag]] | None = None
        """What they found last, and of which state (`moves` and `bench`)."""

    @property
    def definition(self) -> Definition | None:
        return self.bench.book.definition if self.bench else None

    def advance(self, entry: Entry) -> None:
        """Take in the next entry. Judging waits for `settle`, except where a fact is about the board itself.

        Raises:
            AssertionError: the ledger has a gap; the state is no longer good for anything.
        """
        assert entry.position == self.position + 1, f"ledger gap: {entry.position} after {self.position}"
        fact = entry.fact
        if isinstance(fact, Event):
            source = self.sources.get(fact.source)
            if source is None:
                source = self.sources[fact.source] = SourceState()
            source.last_seq = fact.seq
            self._events.append(entry)
            self._file(entry, fact)
        else:
            self._state(entry, fact)
        self.position = entry.position

    def advancing(self, entry: Entry) -> Iterator[None]:
        """The same in pieces, while nobody may look: a definition lets every event be filed again, and it may come after many."""
        if not isinstance(entry.fact, Adopted):
            self.advance(entry)
            return
        events, self._events, former = self._events, [], self.leaving()
        self.advance(entry)
        self._events = events
        yield from former
        if events and self.bench is not None:
            yield from self.file_again(self.bench)

    def _state(self, entry: Entry, fact: Refused | Directed | Milestone | Act) -> None:
        """Take in a fact that is no event."""
        match fact:
            case Refused():
                state = self.sources.setdefault(fact.source, SourceState())
                state.last_seq = fact.seq
                state.refused[fact.seq] = (fact.code, fact.detail)
            case Directed():
                self.staging.take(Given(entry.position, entry.received_us, entry.author, fact.id, fact.screen, fact.order))
            case Adopted() | Clock() | Frozen() | Thawed() | Finalised() | Standing() | Unveiled() | Veiled():
                self.milestones.append(entry)
                self._pass(entry, fact)
            case _:
                self._act(entry.position, fact)

    def _pass(self, entry: Entry, fact: Milestone) -> None:
        """Take in a fact about the contest as a whole."""
        match fact:
            case Adopted():
                self._adopt(fact)
                self.adopted_at = entry.position
            case Clock():
                self._move_clock(fact)
            case Frozen():
                self._settled |= self.settle()
                self.frozen = self.frozen or FrozenBoard(entry.position, fact.minutes, dict(self.rows), self.first_clears())
            case Thawed():
                self.frozen, self.unveiled = None, {}
                self.thawed_us = entry.received_us
            case Finalised():
                self.final = True
                self.final_at = self.final_at or entry.position
            case Standing():
                self.office.stand(fact.contestant, fact.status)
                self._stand(fact.contestant)
            case Unveiled() | Veiled():
                self._unveil(fact)
            case _:
                assert_never(fact)

    def _move_clock(self, fact: Clock) -> None:
        """Let work be judged again whose time is another now."""
        for contestant in list(self.moved_by(fact, self.clock)):
            self._judge_again(contestant, None)

    def moved_by(self, fact: Clock, clock: ContestClock) -> Iterator[ContestantId]:
        """Let the clock move; whose time is another then, and what is later than the end is or was, which is asked about."""
        ended_ms, since_us = clock.end_ms, clock.apply(fact)
        ends = [each for each in (ended_ms, clock.end_ms) if each is not None] if ended_ms != clock.end_ms else []
        for contestant, sheet in self.sheets.items():
            is_later = since_us is not None and sheet.latest_us > since_us
            if is_later or (ends and max(0, clock.contest_ms(sheet.latest_us)) > min(ends)):
                yield contestant

    def _unveil(self, fact: Unveiled | Veiled) -> None:
        """Show a contestant's true row in spite of the freeze, or do so no more. Where nothing is frozen there is nothing to unveil."""
        self.unveilings.add(fact.id)
        if self.frozen is None:
            return
        if isinstance(fact, Unveiled):
            self.unveiled.setdefault(fact.contestant, fact)
        else:
            self.unveiled.pop(fact.contestant, None)
        if fact.contestant in self.sheets:
            self._settled.add(fact.contestant)

    def _act(self, position: int, act: Act) -> None:
        """Take in what an official stated."""
        self._touch(self.office.take(position, act))
        if isinstance(act, Published):
            self._publish(position, act)
        if isinstance(act, (Ruled, Seconded)):
            self._reopen()

    @contextmanager
    def supposing(self, *acts: Ruled | Seconded) -> Iterator[set[ContestantId]]:
        """Inside the block all is as if these were entered (yields whose rows may differ); afterwards as before. Nobody else may look."""
        assert not [each.id for each in acts if each.id in self.office.acts], "an act that is entered cannot be supposed"
        before = self.settle()
        for act in acts:
            self._touch(self.office.take(self.position + 1, act))
        try:
            yield self.settle()
        finally:
            for act in reversed(acts):
                self._touch(self.office.forget(act))
            self.settle()
            self._settled = before

    def heir(self, entry: Entry) -> Contest:
        """The contest after one more entry as far as facts go: nothing is filed and nothing is judged. What is done to it is not done here.

        Raises:
            DefinitionError: the entry's definition is none.
        """
        heir, clock, office = copy(self), self.clock.copy(), self.office.copy()
        vars(heir).update(
            clock=clock,
            office=office,
            bench=self.bench and self.bench.moved_to(clock, office),
            unveiled=self.unveiled.copy(),
            unveilings=self.unveilings.copy(),
            published=self.published.copy(),
            milestones=self.milestones.copy(),
            memory=Memory(),
            surveyed=None,
            **{name: {} for name in ("sources", "sheets", "fields", "_dirty")},
            **{name: [] for name in ("unmatched", "after_final", "_events")},
            **{name: set() for name in ("_settled", "_moved")},
        )
        heir.advance(entry)
        vars(heir).update(_events=self._events.copy())
        return heir

    def become(self, heir: Contest) -> set[ContestantId]:
        """Be what the heir is, for everybody who knows this contest. Returns the contestants whose rows may be others."""
        assert heir.position == self.position + 1, f"an heir of {heir.position} after {self.position}"
        assert heir.is_settled, "an heir is judged before anybody looks"
        touched, sources, moves = {*self.rows, *heir.rows}, self.sources, self.moves
        vars(self).update(vars(heir))
        self.sources, self.moves = sources, moves + 1
        return touched

    def lived(self, after: int = 0) -> list[Entry]:
        """The entries after a position that the state follows from, in the order of the ledger; without numbers that were refused."""
        events = self._events[bisect_right(self._events, after, key=_position) :]
        milestones = self.milestones[bisect_right(self.milestones, after, key=_position) :]
        acts = [Entry(each.position, each.act.at_us, each.act.official, each.act) for each in self.office.acts.values()]
        away = [Entry(position, act.at_us, act.official, act) for position, act in self.office.turned_away]
        return sorted([*milestones, *events, *(entry for entry in (*acts, *away) if entry.position > after)], key=_position)

    def events(self) -> Iterator[Entry]:
        """All events, the oldest first."""
        return iter(self._events)

    def last_events(self, at_most: int) -> Iterator[Entry]:
        """The last events, the newest first."""
        return islice(reversed(self._events), at_most)

    def relive(self, entry: Entry) -> None:
        """Take in an entry of another contest's `lived`, which may have gaps."""
        self.position = entry.position - 1
        self.advance(entry)

    def _adopt(self, fact: Adopted) -> None:
        """Take the definition, and judge every event again under it."""
        definition = read_definition(fact.definition)
        book = compile_rulebook(definition, self.judges)
        self.clock.plan(definition.contest.starts, definition.contest.minutes)
        self.version = fact.version
        for _ in self.file_again(Bench(book, self.clock, self.office, fact.scope, self.bench if fact.scope is not None else None)):
            pass

    def file_again(self, bench: Bench) -> Iterator[None]:
        """Begin anew under these rules and file every event again, one in each piece."""
        self._begin(bench)
        self.unmatched, self.after_final = [], []
        for contestant in self.sheets:
            self._stand(contestant)
        for entry in self._events:
            assert isinstance(entry.fact, Event)
            self._file(entry, entry.fact)
            yield

    def _file(self, entry: Entry, event: Event) -> None:
        if event.contestant is None or self.bench is None:
            return
        if self.final and entry.position > self.final_at:
            self.after_final.append(entry)
            return
        sheet = self.sheets.get(event.contestant)
        if sheet is None or (event.stage is not None and event.stage not in self.fields):
            self.unmatched.append(entry)
            return
        sheet.file(entry, event)
        self._dirty[event.contestant] = None

    def _touch(self, touched: Touched) -> None:
        """Let everything be judged again that an act is about."""
        if touched.clock:
            self.clock.removed = self.office.removed_for_all()
        if touched.clock or (None, None) in touched.cells:
            self._judge_everything()
        for contestant, stage in touched.cells:
            if contestant is not None:
                self._judge_again(contestant, stage)
            elif stage is not None:
                for each in self.sheets:
                    self._judge_again(each, stage)

    def _publish(self, position: int, act: Published) -> None:
        self._settled |= self.settle()
        ranks = {contestant: self.ranking.rank_of(contestant) for contestant in self.rows}
        self.published.append(PublishedBoard(position, act, dict(self.rows), ranks, self.digest()))

    def _reopen(self) -> None:
        """A final result that was reopened takes in what arrived since."""
        if self.final and self.office.reopens(self.final_at):
            self.final, self.final_at = False, 0
            waiting, self.after_final = self.after_final, []
            for entry in waiting:
                assert isinstance(entry.fact, Event)
                self._file(entry, entry.fact)


_position = attrgetter("position")
