"""The fold: the whole contest as a function of its ledger. `advance` takes one entry; `settle` judges what that touched.

Nothing here knows where entries come from or who looks. The same entries lead to the same rows, wherever and whenever they are read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from operator import attrgetter
from typing import assert_never

from contest_server.core.acts import Act, Disqualify, Published, Reopen, Ruled, Seconded, SetStatus
from contest_server.core.bench import Bench
from contest_server.core.clock import ContestClock
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
    StageId,
    Standing,
    Status,
    Thawed,
    Unveiled,
    Veiled,
    VenueId,
)
from contest_server.core.fields import StageField
from contest_server.core.flags import Flag
from contest_server.core.judging import ContestantRecord
from contest_server.core.office import Office
from contest_server.core.ranking import Ranking
from contest_server.core.rows import BoardRow, FirstClears, digest_of_board
from contest_server.core.rulebook import Judges, compile_rulebook
from contest_server.core.rulings import Touched
from contest_server.core.sheet import Sheet
from contest_server.core.staging import Given, Staging
from contest_server.core.surveys import Memory

NO_AWARDS: Mapping[StageId, Decimal] = {}
Milestone = Adopted | Clock | Frozen | Thawed | Finalised | Standing | Unveiled | Veiled


@dataclass(slots=True)
class SourceState:
    """What the ledger knows of one source: the number of its last event, and the numbers that were refused, with the reason."""

    last_seq: int = 0
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FrozenBoard:
    """The board as it was at the freeze."""

    position: int
    minutes: int
    rows: Mapping[ContestantId, BoardRow]
    first: FirstClears


@dataclass(frozen=True, slots=True)
class PublishedBoard:
    """The result as it was published."""

    position: int
    act: Published
    rows: Mapping[ContestantId, BoardRow]
    ranks: Mapping[ContestantId, int | None]
    digest: str


class Contest:
    """The state of one contest after `position` entries."""

    def __init__(self, contest: ContestId, judges: Judges) -> None:
        self.id = contest
        self.position = 0
        self.version = 0
        self.adopted_at = 0
        self.bench: Bench | None = None
        self.clock = ContestClock()
        self.sources: dict[SourceId, SourceState] = {}
        self.sheets: dict[ContestantId, Sheet] = {}
        self.fields: dict[StageId, StageField] = {}
        self._awarding: dict[StageId, StageField] = {}
        """The stages where marks depend on the field."""
        self.rows: dict[ContestantId, BoardRow] = {}
        self.ranking = Ranking()
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
        self.waits = False
        """Whether nothing is judged yet, because what was judged before will be taken over (`core/checkpoint.py`)."""
        self.moves = 0
        """Grows whenever a row may have changed."""
        self._events: list[Entry] = []
        self._standings: dict[ContestantId, Standing] = {}
        self._dirty: dict[ContestantId, None] = {}
        """Whom to judge again, in the order in which they were touched."""
        self._settled: set[ContestantId] = set()
        self._moved: set[StageId] = set()
        """Stages whose field has to be settled."""
        self.memory = Memory()
        """What surveys found, for the next one."""
        self._surveyed: tuple[int, Bench, Sequence[Flag]] | None = None

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
                self.clock.apply(fact)
                self._judge_everything()
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
                self._standings[fact.contestant] = fact
                self._stand(fact.contestant)
            case Unveiled() | Veiled():
                self._unveil(fact)
            case _:
                assert_never(fact)

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

    def settle(self) -> set[ContestantId]:
        """Judge everything that was touched since the last call; returns the contestants whose rows may have changed."""
        bench = self.bench
        if bench is None or self.waits:
            return set()
        touched = {*self._dirty, *self._settled}
        self._settled = set()
        for contestant in self._dirty:
            self._judge(contestant, bench)
        fields, self._moved = self._moved, set()
        for stage in fields:
            field = self.fields[stage]
            moved = field.settle()
            for contestant in moved:
                self.sheets[contestant].lead(stage, contestant in field.first)
            touched |= moved
        self._dirty = {}
        for contestant in touched:
            self._place(contestant, bench)
        self.moves += bool(touched)
        return touched

    def judge_some(self, at_most: int) -> bool:
        """A part of what `settle` would do, for whoever must not do it all at once. False once nothing of it is left."""
        bench = self.bench
        if bench is None or self.waits:
            return False
        for contestant in list(islice(self._dirty, at_most)):
            self._judge(contestant, bench)
            del self._dirty[contestant]
            self._settled.add(contestant)
        return bool(self._dirty)

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits to be judged."""
        return not (self._dirty or self._settled or self._moved)

    def _judge(self, contestant: ContestantId, bench: Bench) -> None:
        sheet = self.sheets[contestant]
        changed = sheet.settle(bench)
        competes = sheet.competes
        for stage in changed:
            if self.fields[stage].put(contestant, sheet.cells[stage] if competes else None):
                self._moved.add(stage)

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

    def lived(self, after: int = 0) -> list[Entry]:
        """The entries after a position that the state follows from, in the order of the ledger; without numbers that were refused."""
        events = self._events[bisect_right(self._events, after, key=_position) :]
        milestones = self.milestones[bisect_right(self.milestones, after, key=_position) :]
        acts = [Entry(each.position, each.act.at_us, each.act.official, each.act) for each in self.office.acts.values()]
        away = [Entry(position, act.at_us, act.official, act) for position, act in self.office.turned_away]
        return sorted([*milestones, *events, *(entry for entry in (*acts, *away) if entry.position > after)], key=_position)

    def last_events(self, at_most: int) -> Iterator[Entry]:
        """The last events, the newest first."""
        return islice(reversed(self._events), at_most)

    def relive(self, entry: Entry) -> None:
        """Take in an entry of another contest's `lived`, which may have gaps."""
        self.position = entry.position - 1
        self.advance(entry)

    def first_clears(self) -> FirstClears:
        """Who cleared each stage first, and when; nothing that an unjudged attempt could still take back."""
        return {stage: (tuple(sorted(each.first)), each.clears.order[0][0]) for stage, each in self.fields.items() if each.first}

    def digest(self) -> str:
        """Equal digests mean equal boards."""
        return digest_of_board(self.rows, self.first_clears())

    @property
    def survey(self) -> Sequence[Flag] | None:
        """The questions about the contest as a whole, where they are known. Kept until a row, the rules or the officials change."""
        known = self._surveyed
        return known[2] if known is not None and known[0] == self.moves and known[1] is self.bench else None

    def keep_survey(self, moves: int, bench: Bench, found: Sequence[Flag]) -> None:
        """Take what a survey of this state found; of another state it is worth nothing."""
        if moves == self.moves and bench is self.bench:
            self._surveyed = moves, bench, found

    def record(self, contestant: ContestantId, bench: Bench) -> ContestantRecord:
        """The contestant's judged cells, with what the rest of the field adds."""
        return self.sheets[contestant].record(bench, self._awards_of(contestant))

    def _awards_of(self, contestant: ContestantId) -> dict[StageId, Decimal]:
        """What the field adds to a contestant's stages, where it adds anything."""
        cells = self.sheets[contestant].cells
        return {stage: award for stage, each in self._awarding.items() if (award := each.awards.get(contestant)) and stage in cells}

    def _adopt(self, fact: Adopted) -> None:
        """Take the definition, and judge every event again under it."""
        definition = read_definition(fact.definition)
        book = compile_rulebook(definition, self.judges)
        self.clock.plan(definition.contest.starts, definition.contest.minutes)
        self.version = fact.version
        self.bench = Bench(book, self.clock, self.office, fact.scope, self.bench if fact.scope is not None else None)
        self.fields = {stage: StageField(self.bench.field_rules(stage)) for stage in book.stages}
        self._awarding = {stage: each for stage, each in self.fields.items() if each.awarding}
        self.sheets = {ContestantId(c.id): _sheet(c.id, c.venue, c.status, definition) for c in definition.contestants}
        self.rows, self.ranking, self.unmatched = {}, Ranking(), []
        self.after_final = []
        self._dirty, self._settled, self._moved = dict.fromkeys(self.sheets), set(), set()
        for contestant in self.sheets:
            self._stand(contestant)
        for entry in self._events:
            assert isinstance(entry.fact, Event)
            self._file(entry, entry.fact)

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

    def _stand(self, contestant: ContestantId) -> None:
        """Give a contestant the status that officials set: by the latest ruling in force, else by the latest standing."""
        if contestant in self.sheets:
            self.sheets[contestant].stand(self._status_of(contestant))
            self._dirty[contestant] = None

    def _status_of(self, contestant: ContestantId) -> Status | None:
        for ruling in reversed(self.office.rulings.on(contestant, None)):
            match ruling.action:
                case SetStatus(status=status):
                    return status
                case Disqualify():
                    return "dsq"
        standing = self._standings.get(contestant)
        return None if standing is None else standing.status

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

    def _judge_again(self, contestant: ContestantId, stage: StageId | None) -> None:
        sheet = self.sheets.get(contestant)
        if sheet is None or (stage is not None and stage not in sheet.entries):
            return
        sheet.touch(*(sheet.entries if stage is None else [stage]))
        self._dirty[contestant] = None
        if stage is None:
            self._stand(contestant)

    def _judge_everything(self) -> None:
        """The clock moved under all times."""
        for contestant in self.sheets:
            self._judge_again(contestant, None)

    def _publish(self, position: int, act: Published) -> None:
        self._settled |= self.settle()
        ranks = {contestant: self.ranking.rank_of(contestant) for contestant in self.rows}
        self.published.append(PublishedBoard(position, act, dict(self.rows), ranks, self.digest()))

    def _reopen(self) -> None:
        """A final result that was reopened takes in what arrived since."""
        opened = any(isinstance(each.action, Reopen) for each in self.office.rulings.in_force() if self._position_of(each) > self.final_at)
        if self.final and opened:
            self.final, self.final_at = False, 0
            waiting, self.after_final = self.after_final, []
            for entry in waiting:
                assert isinstance(entry.fact, Event)
                self._file(entry, entry.fact)

    def _position_of(self, ruling: Ruled) -> int:
        return self.office.acts[ruling.id].position

    def _place(self, contestant: ContestantId, bench: Bench) -> None:
        """Make the contestant's row and put it in its place."""
        sheet = self.sheets[contestant]
        awards = self._awards_of(contestant) if self._awarding else NO_AWARDS
        made, known = sheet.row(bench, awards), self.rows.get(contestant)
        row = made.row
        if known is None or known.row != row:  # a contestant's venue is the same for as long as their sheet
            self.rows[contestant] = made
            self.ranking.place(contestant, row.key, ranked=row.status != "guest")


_position = attrgetter("position")


def _sheet(contestant: str, venue: str | None, status: str, definition: Definition) -> Sheet:
    home = venue or definition.venues[0].id
    return Sheet(ContestantId(contestant), VenueId(home), guest=status == "guest")
