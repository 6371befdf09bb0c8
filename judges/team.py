"""Teams: what their members bring together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

from contest_server.core.judging import API_VERSION, ZERO, Converted, Doubt, Opinion, Placed, Said, Step
from judges.exact import check_places, half_up, plain

MEMBERS = Said("Check the list of members in the definition.")


@dataclass(frozen=True, slots=True)
class Team:
    """Reckon each team's points from those of its members: the sum, the best k of n, or the mean (C3).

    Contestants name their `team` in the definition. Who is not ranked (a guest, or whose status is not "ok": over time, did not finish,
    disqualified, did not start, withdrawn) brings nothing; in a mean such a member counts as 0.

    mode: "sum" adds all members, "best" the `k` best of them, "mean" divides the sum by their number
    k: how many members count in mode "best"
    size: how many members a team has; another number is a question (0: any)
    places: decimal places the points are rounded to, halves up
    """

    rule: ClassVar[str] = "team"
    catalogue: ClassVar[str] = "C3"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    mode: Literal["sum", "best", "mean"] = "sum"
    k: int = 3
    size: int = 0
    places: int = 4

    def __post_init__(self) -> None:
        check_places(self.places)
        if self.k < 1 or self.size < 0:
            raise ValueError(Said("k is {k} and size is {size}; k counts members from 1, size from 0", k=self.k, size=self.size))

    def convert(self, board: Sequence[Placed]) -> Mapping[str, Converted]:
        teams: dict[str, list[Placed]] = {}
        for placed in sorted(board, key=lambda each: each.contestant):
            if placed.team is not None:
                teams.setdefault(placed.team, []).append(placed)
        return {team: self._converted(members) for team, members in sorted(teams.items())}

    def _converted(self, members: Sequence[Placed]) -> Converted:
        points = [(ZERO if each.rank is None else each.points, each.contestant) for each in members]
        counted = sorted(points, key=lambda each: (-each[0], each[1]))[: self.k if self.mode == "best" else None]
        total = sum((Fraction(marks) for marks, _ in counted), Fraction(0))
        value = half_up(total / len(members) if self.mode == "mean" else total, self.places)
        arithmetic = " + ".join(f"{who} {plain(marks)}" for marks, who in counted)
        words = {
            "sum": Said("sum"),
            "best": Said("best {k} of {count}", k=self.k, count=len(members)),
            "mean": Said("mean of {count}", count=len(members)),
        }[self.mode]
        opinions: tuple[Opinion, ...] = ()
        if self.size and len(members) != self.size:
            detail = Said("members here: {count}; a team has {size}", count=len(members), size=self.size)
            opinions = (Opinion(Doubt.QUESTIONABLE, detail, "team_size", self.size, len(members), MEMBERS),)
        return Converted(
            value, (Step(Said("{words}: {arithmetic}", words=words, arithmetic=arithmetic), Said("{value}", value=value)),), opinions
        )
