"""A contest as one more entry makes it, where everybody is judged again after that: made beside the contest, in pieces.

Nobody sees anything of it before it is whole: until then the contest is what it was. In one piece it is what `Contest.advance` and
`Contest.settle` come to, by the law that how a ledger was read makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contest_server.core.acts import Drawn, Revealed, Ruled, Seconded, Undo
from contest_server.core.contest import Contest
from contest_server.core.facts import Adopted, Clock, Entry, Fact
from contest_server.core.ids import ContestantId
from contest_server.core.rows import BoardRow
from contest_server.core.rulings import Touched, own

AT_ONCE_MAX = 1_000
"""Results that are judged again in one go while others look at the board: some 50 ms."""
EVENTS_A_PIECE = 100


def is_long(contest: Contest, fact: Fact) -> bool:
    """Whether more is judged again after this fact than `AT_ONCE_MAX`."""
    match fact:
        case Adopted():
            return len(fact.definition["contestants"]) + _every_result(contest) > AT_ONCE_MAX
        case Clock():
            moved = contest.moved_by(fact, contest.clock.copy())
            return sum(len(contest.sheets[each].entries) for each in moved) > AT_ONCE_MAX
        case Ruled() | Seconded():
            return _results(contest, _about(contest, fact)) > AT_ONCE_MAX
        case Drawn() | Revealed():
            return contest.office.works > AT_ONCE_MAX
        case _:
            return False


def is_about_everybody(contest: Contest, ruling: Ruled) -> bool:
    """Whether it is about the time of all, or of a venue, and these are many."""
    return _is_everybody(_about(contest, ruling)) and _every_result(contest) > AT_ONCE_MAX


class Remaking:
    """The contest after `entry`. The contest itself must not go on before `take_effect`."""

    def __init__(self, contest: Contest, entry: Entry) -> None:
        self._contest, self._entry = contest, entry
        self._heir: Contest | None = None
        self.is_whole = False
        """All pieces are made."""
        self._former: Iterator[None] = iter(())

    def pieces(self) -> Iterator[None]:
        """Each is the work of a millisecond or two, but for the first, which reads a definition. Raises DefinitionError."""
        heir = self._heir = self._contest.heir(self._entry)
        yield
        yield from judged_anew(heir, self._contest.rows)
        self.is_whole = True

    def take_effect(self) -> set[ContestantId]:
        """Let the contest be what was made. Returns the contestants whose rows may be others."""
        assert self._heir is not None, "nothing was made"
        assert self.is_whole, "it is not whole"
        self._former = self._contest.leaving()
        return self._contest.become(self._heir)

    def let_go(self) -> Iterator[None]:
        """Free what the contest was, in pieces."""
        yield from self._former


def judged_anew(heir: Contest, known: Mapping[ContestantId, BoardRow]) -> Iterator[None]:
    """File and judge everything of an heir, in pieces. Rows that are as they were `known` are those very rows."""
    if heir.bench is not None:
        for count, _ in enumerate(heir.file_again(heir.bench), start=1):
            if not count % EVENTS_A_PIECE:
                yield
    yield from heir.settle_in_pieces(known)


def _about(contest: Contest, act: Ruled | Seconded) -> Touched:
    """What has to be judged again once this act is taken in."""
    if isinstance(act, Seconded):
        return contest.office.touched_by(act.ruling)
    undone = contest.office.touched_by(act.action.act) if isinstance(act.action, Undo) else Touched()
    return own(act) | undone


def _is_everybody(touched: Touched) -> bool:
    return touched.clock or (None, None) in touched.cells


def _results(contest: Contest, touched: Touched) -> int:
    """How many they are, where they are more than single ones."""
    if _is_everybody(touched):
        return _every_result(contest)
    stages = {stage for contestant, stage in touched.cells if contestant is None}
    return sum(stage in sheet.entries for sheet in contest.sheets.values() for stage in stages)


def _every_result(contest: Contest) -> int:
    return sum(len(sheet.entries) for sheet in contest.sheets.values())
