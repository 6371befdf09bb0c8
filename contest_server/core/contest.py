"""The fold: the whole contest as a function of its ledger. `advance` takes one entry; `settle` judges what that touched.

Nothing here knows where entries come from or who looks. The same entries lead to the same rows, wherever and whenever they are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import assert_never

from contest_server.core.clock import ContestClock
from contest_server.core.definition import Definition
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import (
    Adopted,
    Clock,
    ContestantId,
    ContestId,
    Entry,
    Event,
    Finalised,
    Frozen,
    Refused,
    SourceId,
    StageId,
    Standing,
    Thawed,
    VenueId,
)
from contest_server.core.fields import StageField
from contest_server.core.judging import ZERO, ContestantRecord
from contest_server.core.ranking import Ranking
from contest_server.core.rows import BoardRow, FirstClears, digest_of_board
from contest_server.core.rulebook import Judges, compile_rulebook
from contest_server.core.sheet import SEVERITY, Bench, Flag, Sheet
from contest_server.core.ties import play_offs


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
        self.rows: dict[ContestantId, BoardRow] = {}
        self.ranking = Ranking()
        self.frozen: FrozenBoard | None = None
        self.final = False
        self.final_at = 0
        self.thawed_us: int | None = None
        self.unmatched: list[Entry] = []
        self.after_final: list[Entry] = []
        self._judges = judges
        self._events: list[Entry] = []
        self._standings: dict[ContestantId, Standing] = {}
        self._dirty: set[ContestantId] = set()
        self._settled: set[ContestantId] = set()

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
        match fact:
            case Event():
                self.sources.setdefault(fact.source, SourceState()).last_seq = fact.seq
                self._events.append(entry)
                self._file(entry, fact)
            case Refused():
                state = self.sources.setdefault(fact.source, SourceState())
                state.last_seq = fact.seq
                state.refused[fact.seq] = (fact.code, fact.detail)
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
                self.frozen = None
                self.thawed_us = entry.received_us
            case Finalised():
                self.final = True
                self.final_at = self.final_at or entry.position
            case Standing():
                self._standings[fact.contestant] = fact
                self._stand(fact)
            case _:
                assert_never(fact)
        self.position = entry.position

    def settle(self) -> set[ContestantId]:
        """Judge everything that was touched since the last call; returns the contestants whose rows may have changed."""
        bench = self.bench
        if bench is None:
            return set()
        touched, fields = self._dirty | self._settled, set[StageId]()
        self._settled = set()
        for contestant in self._dirty:
            sheet = self.sheets[contestant]
            for stage in sheet.settle(bench):
                if self.fields[stage].put(contestant, sheet.cells[stage] if sheet.competes else None):
                    fields.add(stage)
        for stage in fields:
            touched |= self.fields[stage].settle()
        self._dirty = set()
        for contestant in touched:
            self._place(contestant, bench)
        return touched

    def first_clears(self) -> FirstClears:
        """Who cleared each stage first, and when; nothing that an unjudged attempt could still take back."""
        return {stage: (tuple(sorted(each.first)), each.clears.order[0][0]) for stage, each in self.fields.items() if each.first}

    def digest(self) -> str:
        """Equal digests mean equal boards."""
        return digest_of_board(self.rows, self.first_clears())

    def flags(self) -> list[Flag]:
        """Every question for the referees: of each contestant, and events that fit nobody."""
        if self.bench is None:
            return []
        found = [self._unmatched_flag(entry) for entry in self.unmatched]
        found += [_after_final_flag(entry) for entry in self.after_final]
        for sheet in self.sheets.values():
            if sheet.base:
                found += sheet.flags(self.bench)
        for stage in self.fields:
            found += self.field_flags(stage)
        return [*found, *self._play_off_flags()]

    def field_flags(self, stage: StageId) -> list[Flag]:
        """The questions about a stage that concern several contestants. What is final is no longer provisional."""
        return [
            Flag(o.code, SEVERITY[o.doubt.value], rule.name, who, stage, "award", o.detail, o.threshold, o.seen)
            for rule, who, o in self.fields[stage].opinions()
            if not (self.final and o.code == "provisional")
        ]

    def record(self, contestant: ContestantId, bench: Bench) -> ContestantRecord:
        """The contestant's judged cells, with what the rest of the field adds."""
        return self.sheets[contestant].record(bench, self._awards_of(contestant))

    def _awards_of(self, contestant: ContestantId) -> dict[StageId, Decimal]:
        cells = self.sheets[contestant].cells
        return {stage: each.awards.get(contestant, ZERO) for stage in cells if (each := self.fields[stage]).awards}

    def _play_off_flags(self) -> Iterator[Flag]:
        """Ties at a place that `[ties]` wants decided (D4), among those who have begun."""
        ties = self.definition.ties if self.definition else None
        if ties is None or ties.play_off is None:
            return
        begun = [each for each in self.ranking if self.sheets[each].status == "ok" and self.sheets[each].cells]
        ranks = [rank for each in begun if (rank := self.ranking.rank_of(each)) is not None]
        for rank, count in play_offs(ranks, ties.play_off):
            detail = f"{count} contestants share rank {rank}: {', '.join(begun[ranks.index(rank) :][:count])}; a play-off decides"
            yield Flag("play_off", "review", "ties", None, None, f"rank {rank}", detail, ties.play_off, rank)

    def reasons_against_finalising(self, now_us: int) -> Iterator[str]:
        """Why the result cannot be final yet (E13), one sentence each; nothing if it can."""
        if self.bench is None:
            yield "no definition has been adopted"
        if self.clock.phase(now_us) != "ended":
            yield "the contest has not ended"
        pending = sum(cell.pending for sheet in self.sheets.values() for cell in sheet.cells.values())
        if pending:
            yield f"{pending} attempts are unjudged"
        if self.frozen is not None:
            yield "the public board is still frozen"

    def _adopt(self, fact: Adopted) -> None:
        """Take the definition, and judge every event again under it."""
        definition = read_definition(fact.definition)
        book = compile_rulebook(definition, self._judges)
        self.clock.plan(definition.contest.starts, definition.contest.minutes)
        self.version = fact.version
        self.bench = Bench(book, self.clock)
        self.fields = {stage: StageField(rules) for stage, rules in book.stages.items()}
        self.sheets = {ContestantId(c.id): _sheet(c.id, c.venue, c.status, definition) for c in definition.contestants}
        self.rows, self.ranking, self.unmatched = {}, Ranking(), []
        self.after_final = []
        self._dirty, self._settled = set(self.sheets), set()
        for standing in self._standings.values():
            self._stand(standing)
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
        self._dirty.add(event.contestant)

    def _stand(self, fact: Standing) -> None:
        if fact.contestant in self.sheets:
            self.sheets[fact.contestant].stand(fact.status)
            self._dirty.add(fact.contestant)

    def _judge_everything(self) -> None:
        """The clock moved under all times."""
        for contestant, sheet in self.sheets.items():
            sheet.dirty.update(sheet.entries)
            self._dirty.add(contestant)

    def _place(self, contestant: ContestantId, bench: Bench) -> None:
        """Make the contestant's row and put it in its place."""
        sheet = self.sheets[contestant]
        first = {stage for stage in sheet.cells if contestant in self.fields[stage].first}
        row = sheet.row(bench, self._awards_of(contestant), first)
        if self.rows.get(contestant) != row:
            self.rows[contestant] = row
            self.ranking.place(contestant, row.row.key, ranked=row.row.status != "guest")

    def _unmatched_flag(self, entry: Entry) -> Flag:
        event = entry.fact
        assert isinstance(event, Event)
        known = event.contestant in self.sheets
        code, what = ("unknown_stage", event.stage) if known else ("unknown_contestant", event.contestant)
        return Flag(
            code,
            "review",
            "unmatched",
            event.contestant,
            event.stage,
            f"event {event.source}#{event.seq}",
            f"{what!r} is not in the definition; the event is kept and counts as soon as a definition knows it",
            events=(f"{event.source}#{event.seq}",),
        )


def _sheet(contestant: str, venue: str | None, status: str, definition: Definition) -> Sheet:
    home = venue or definition.venues[0].id
    return Sheet(ContestantId(contestant), VenueId(home), guest=status == "guest")


def _after_final_flag(entry: Entry) -> Flag:
    event = entry.fact
    assert isinstance(event, Event)
    name = f"event {event.source}#{event.seq}"
    detail = "arrived after the result was declared final; it is kept, and does not count"
    return Flag("after_final", "block", "final", event.contestant, event.stage, name, detail, events=(f"{event.source}#{event.seq}",))
