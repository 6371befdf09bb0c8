"""Appeals (E10): filed, admitted or late, under review, decided, taken to a second level, final. Derived from the acts that moved them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from contest_server.core.acts import Appealed, AppealMoved, AppealState, Ruled, Step
from contest_server.core.contest import Contest
from contest_server.core.ids import ActId, OfficialId

NEXT: Mapping[AppealState, Sequence[AppealState]] = {
    "filed": ("admitted", "dismissed"),
    "late": ("admitted", "dismissed"),
    "admitted": ("under_review",),
    "under_review": ("upheld", "dismissed"),
    "upheld": ("second_level", "final"),
    "dismissed": ("second_level", "final"),
    "second_level": ("upheld", "dismissed"),
    "final": (),
}
"""Where an appeal may go from each state; to a second level once."""
SETTLED = ("upheld", "dismissed", "final")


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal as it stands. `deadline_us` is the end of its window (None: none is set, or nothing is published)."""

    filed: Appealed
    position: int
    state: AppealState
    deadline_us: int | None
    moves: Sequence[AppealMoved]
    rulings: Sequence[ActId]

    @property
    def is_open(self) -> bool:
        return self.state not in SETTLED

    @property
    def next(self) -> Sequence[AppealState]:
        """Where it may go from here."""
        return _next(self.state, self.moves)


def deadline_us(contest: Contest) -> int | None:
    """Until when an appeal is in time: so many minutes after the first publication."""
    minutes = contest.definition.referees.appeal_minutes if contest.definition else None
    published = [each.act.at_us for each in contest.published if contest.office.stands(each.act.id)]
    return min(published) + minutes * 60_000_000 if minutes is not None and published else None


def parties(contest: Contest, appeal: Appeal) -> dict[OfficialId, ActId]:
    """Who may not decide on an appeal, each with the act that makes them a party: who ruled on the matter before it was filed, who approved
    such a ruling, and who decided on the appeal at the first level.
    """
    found: dict[OfficialId, ActId] = {}
    for ruling in _on_the_matter(contest, appeal.filed):
        second = contest.office.rulings.answer_to(ruling)
        for act in (ruling, second):
            if act is not None and act.at_us < appeal.filed.at_us:
                found.setdefault(act.official, act.id)
    if any(move.to == "second_level" for move in appeal.moves):
        found.update({member: move.id for move in appeal.moves for member in move.panel})
    return found


def _on_the_matter(contest: Contest, filed: Appealed) -> Iterator[Ruled]:
    """The rulings that an appeal is about: the one it names, or else those on the attempt, the stage or the contestant that it names."""
    rulings = contest.office.rulings
    if filed.ruling is not None:
        named = rulings.ruling(filed.ruling)
        yield from () if named is None else (named,)
        return
    for each in rulings.about(filed.contestant, filed.stage):
        ruling = each.act
        if isinstance(ruling, Ruled) and not isinstance(ruling.action, Step) and filed.attempt in (None, ruling.attempt):
            yield ruling


def appeals_of(contest: Contest) -> list[Appeal]:
    """All appeals, in the order in which they were filed."""
    moved: dict[ActId, list[AppealMoved]] = {}
    for filed in contest.office.of(AppealMoved):
        assert isinstance(filed.act, AppealMoved)
        moved.setdefault(filed.act.appeal, []).append(filed.act)
    until_us = deadline_us(contest)
    return [
        _appeal(contest, filed.act, filed.position, moved.get(filed.act.id, []), until_us)
        for filed in contest.office.of(Appealed)
        if isinstance(filed.act, Appealed)
    ]


def _appeal(contest: Contest, filed: Appealed, position: int, moved: Sequence[AppealMoved], until_us: int | None) -> Appeal:
    state: AppealState = "late" if until_us is not None and filed.at_us > until_us else "filed"
    moves: list[AppealMoved] = []
    for move in moved:
        if move.to in _next(state, moves):
            state = move.to
            moves.append(move)
    carried = [each.id for each in contest.office.rulings.in_force() if each.appeal == filed.id]
    named = [ruling for move in moves for ruling in move.rulings]
    return Appeal(filed, position, state, until_us, moves, list(dict.fromkeys([*carried, *named])))


def _next(state: AppealState, moves: Sequence[AppealMoved]) -> Sequence[AppealState]:
    been = any(move.to == "second_level" for move in moves)
    return [to for to in NEXT[state] if not (been and to == "second_level")]
