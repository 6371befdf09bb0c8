"""The reveal (滚榜): from the bottom of the public board up, step by step. Says who is next; refuses while anybody still competes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from contest_server.core.audience import placed_for_public, row_for
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, Fact, Unveiled, Veiled
from contest_server.core.ranking import Ranking, has_rank
from contest_server.core.rows import BoardRow
from contest_server.core.saying import Said, Text

Refusal = Literal["all_revealed", "next_is_another", "nothing_revealed", "not_frozen", "not_ended"]
PLACES = 3
"""Contestants who stand on the public board at these places or better have a step of their own, whether anything is hidden or not."""


PASSED_MAX = 1_000
"""So many are passed in one step at most."""


class CannotReveal(Exception):
    """Why a step is refused: a stable code and a sentence that says what to do. Nothing was entered."""

    def __init__(self, code: Refusal, detail: Text) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class NextStep:
    """Whom the next step unveils: all of `passed` (nothing of theirs is hidden), then `contestant`."""

    contestant: ContestantId
    rank: int | None
    """On the public board as it is."""
    pending: int
    passed: Sequence[ContestantId] = ()


def public_ranking(contest: Contest) -> Ranking:
    """The order in which the public sees everybody."""
    ranking = Ranking()
    for contestant in {*contest.rows, *(contest.frozen.rows if contest.frozen else ())}:
        row = placed_for_public(contest, contestant)
        if row is not None:
            ranking.place(contestant, row.row.key, ranked=has_rank(row.row.status))
    return ranking


def next_step(contest: Contest, ranking: Ranking | None = None) -> NextStep | None:
    """The next step from the bottom up of the public `ranking`; None once everybody is unveiled, or where nothing is frozen.

    Whoever has nothing hidden is passed on the way, below the first PLACES: nobody wants to press a key for them.
    """
    if contest.frozen is None:
        return None
    ranking, passed = ranking or public_ranking(contest), list[ContestantId]()
    waiting = [each for each in ranking if each not in contest.unveiled]
    while waiting:
        contestant = waiting.pop()
        rank, row = ranking.rank_of(contestant), row_for(contest, contestant, "public")
        pending = pending_on(row)
        hides = bool(pending) or row != contest.rows.get(contestant)
        if hides or (rank is not None and rank <= PLACES) or not waiting or len(passed) == PASSED_MAX:
            return NextStep(contestant, rank, pending, tuple(passed))
        passed.append(contestant)
    return None


def pending_on(row: BoardRow | None) -> int:
    """How many attempts are seen as pending on this row."""
    return 0 if row is None else sum(mark.pending for mark in row.row.stages.values())


def unveil(contest: Contest, step_id: str, now_us: int, expected: str | None = None) -> list[Fact]:
    """What is entered for the next step; nothing for a step that was made already.

    Raises:
        CannotReveal: nothing is frozen, somebody still competes, nobody is left, or the next one is not who was `expected`.
    """
    if step_id in contest.unveilings:
        return []
    _check_over(contest, now_us)
    step = next_step(contest)
    if step is None:
        raise CannotReveal("all_revealed", Said("everybody is revealed; thaw the board"))
    if expected is not None and expected != step.contestant:
        raise CannotReveal(
            "next_is_another",
            Said("the next one is {contestant}, not {expected}: look again", contestant=step.contestant, expected=expected),
        )
    return [Unveiled(step_id, each) for each in (*step.passed, step.contestant)]


def veil(contest: Contest, step_id: str, now_us: int) -> list[Fact]:
    """What is entered to take back the last step. Raises CannotReveal where there is none."""
    if step_id in contest.unveilings:
        return []
    _check_over(contest, now_us)
    last = next(reversed(contest.unveiled.values()), None)
    if last is None:
        raise CannotReveal("nothing_revealed", Said("nobody is revealed; there is no step to take back"))
    return [Veiled(step_id, each.contestant) for each in contest.unveiled.values() if each.id == last.id]


def _check_over(contest: Contest, now_us: int) -> None:
    if contest.frozen is None:
        raise CannotReveal("not_frozen", Said("the public board is not frozen; there is nothing to reveal"))
    if contest.clock.phase(now_us) != "ended":
        raise CannotReveal("not_ended", Said("the contest is not over; end it before the reveal"))
