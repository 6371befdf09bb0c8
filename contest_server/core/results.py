"""What everybody's sheets come to: first clears across the stages, rows, ranks. What was touched is judged by `settle`, not before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from contest_server.core.bench import Bench
from contest_server.core.facts import ContestantId, StageId, VenueId
from contest_server.core.fields import StageField
from contest_server.core.judging import ContestantRecord
from contest_server.core.ranking import Ranking, has_rank
from contest_server.core.rows import BoardRow, FirstClears, digest_of_board
from contest_server.core.sheet import Sheet

SHEETS_A_PIECE = 8

NO_AWARDS: Mapping[StageId, Decimal] = {}


class Results:
    """The sheets, and all that is derived from them."""

    def __init__(self) -> None:
        self.bench: Bench | None = None
        self.sheets: dict[ContestantId, Sheet] = {}
        self.fields: dict[StageId, StageField] = {}
        self._awarding: dict[StageId, StageField] = {}
        """The stages where marks depend on the field."""
        self.rows: dict[ContestantId, BoardRow] = {}
        self.ranking = Ranking()
        self.waits = False
        """Whether nothing is judged yet, because what was judged before will be taken over (`core/checkpoint.py`)."""
        self.moves = 0
        """Grows whenever a row may have changed."""
        self._dirty: dict[ContestantId, None] = {}
        """Whom to judge again, in the order in which they were touched."""
        self._settled: set[ContestantId] = set()
        """Who was judged since the last `settle` returned, and whose row may be another therefore."""
        self._moved: set[StageId] = set()
        """Stages whose field has to be settled."""

    def _begin(self, bench: Bench) -> None:
        """Start anew under these rules, with empty sheets."""
        definition = bench.book.definition
        self.bench = bench
        self.fields = {stage: StageField(bench.field_rules(stage)) for stage in bench.book.stages}
        self._awarding = {stage: each for stage, each in self.fields.items() if each.awarding}
        first_venue = definition.venues[0].id
        self.sheets = {
            (who := ContestantId(each.id)): Sheet(who, VenueId(each.venue or first_venue), guest=each.status == "guest")
            for each in definition.contestants
        }
        self.rows, self.ranking = {}, Ranking()
        self._dirty, self._settled, self._moved = dict.fromkeys(self.sheets), set(), set()

    def _stand(self, contestant: ContestantId) -> None:
        """Give a contestant the status that officials set."""
        if contestant in self.sheets and self.bench is not None:
            self.sheets[contestant].stand(self.bench.office.status_of(contestant))
            self._dirty[contestant] = None

    def _judge_again(self, contestant: ContestantId, stage: StageId | None) -> None:
        """Judge a contestant's stage anew, or (None) all of theirs, with their status."""
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

    def settle(self) -> set[ContestantId]:
        """Judge everything that was touched since the last call; returns the contestants whose rows may have changed."""
        return set(self.settling())

    def settling(self) -> Iterator[ContestantId]:
        """What `settle` does, row by row, for whoever must not do it all at once. Until its end nobody may look; what somebody settles in
        between is done here no more.
        """
        bench = self.bench
        if bench is None or self.waits:
            return
        self._settled = self._judged(bench)
        while self._settled and self.bench is bench:
            contestant = self._settled.pop()
            self._place(contestant, bench)
            self.moves += 1
            yield contestant

    def _judged(self, bench: Bench) -> set[ContestantId]:
        """Judge what was touched, and settle the stages that this moved; returns whose rows may be others for it."""
        touched = {*self._dirty, *self._settled}
        for contestant in self._dirty:
            self._judge(contestant, bench)
        fields, self._moved = self._moved, set()
        for stage in fields:
            touched |= self._lead(stage)
        self._dirty = {}
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

    def settle_in_pieces(self, known: Mapping[ContestantId, BoardRow]) -> Iterator[None]:
        """All that `settle` would do, for whoever must not do it all at once; nobody may look meanwhile. Rows that are as they were `known`
        are those very rows, with the text that was made of them.
        """
        while self.judge_some(SHEETS_A_PIECE):
            yield
        while self._moved:
            self._settled |= self._lead(self._moved.pop())
            yield
        for contestant in self.settling():
            before = known.get(contestant)
            if before is not None and before == self.rows[contestant]:
                self.rows[contestant] = before
            yield

    def leaving(self) -> Iterator[None]:
        """Free, in pieces, what is there now, once nothing else holds it: all at once it would take some hundred milliseconds."""
        return _freed([list[Any](self.fields.values()), list[Any](self.sheets.values()), list[Any](self.rows.values())])

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits to be judged, or to be placed."""
        return not (self._dirty or self._settled or self._moved)

    def first_clears(self) -> FirstClears:
        """Who cleared each stage first, and when; nothing that an unjudged attempt could still take back."""
        return {stage: (tuple(sorted(each.first)), each.clears.order[0][0]) for stage, each in self.fields.items() if each.first}

    def digest(self) -> str:
        """Equal digests mean equal boards."""
        return digest_of_board(self.rows, self.first_clears())

    def record(self, contestant: ContestantId, bench: Bench) -> ContestantRecord:
        """The contestant's judged cells, with what the rest of the field adds."""
        return self.sheets[contestant].record(bench, self._awards_of(contestant))

    def awards(self) -> dict[StageId, dict[ContestantId, Decimal]]:
        """What the field adds at each stage, as it is at this moment."""
        return {stage: each.awards.copy() for stage, each in self._awarding.items()}

    def _awards_of(self, contestant: ContestantId) -> dict[StageId, Decimal]:
        """What the field adds to a contestant's stages, where it adds anything."""
        cells = self.sheets[contestant].cells
        return {stage: award for stage, each in self._awarding.items() if (award := each.awards.get(contestant)) and stage in cells}

    def _judge(self, contestant: ContestantId, bench: Bench) -> None:
        """Judge what is dirty on a sheet, and put what changed into the fields of its stages."""
        sheet = self.sheets[contestant]
        changed = sheet.settle(bench)
        competes = sheet.competes
        for stage in changed:
            if self.fields[stage].put(contestant, sheet.cells[stage] if competes else None):
                self._moved.add(stage)

    def _lead(self, stage: StageId) -> set[ContestantId]:
        """Settle the field of a stage; returns whose first clears or awards are others."""
        field = self.fields[stage]
        moved = field.settle()
        for contestant in moved:
            self.sheets[contestant].lead(stage, contestant in field.first)
        return moved

    def _place(self, contestant: ContestantId, bench: Bench) -> None:
        """Make the contestant's row and put it in its place."""
        sheet = self.sheets[contestant]
        awards = self._awards_of(contestant) if self._awarding else NO_AWARDS
        made, known = sheet.row(bench, awards), self.rows.get(contestant)
        row = made.row
        if known is None or known.row != row:  # a contestant's venue is the same for as long as their sheet
            self.rows[contestant] = made
            self.ranking.place(contestant, row.key, ranked=has_rank(row.status))


def _freed(former: list[list[Any]]) -> Iterator[None]:
    for several in former:
        while several:
            several.pop()
            yield
