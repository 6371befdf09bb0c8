"""Terminals that are tightened to the right torque, each measured by the venue's torque meter."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Doubt, Evidence, Opinion, Said, Score, Step


@dataclass(frozen=True, slots=True)
class TorqueSet:
    """Give each terminal between `low_nm` and `high_nm` an equal share of the marks.

    max: the marks when all terminals are right
    terminals: the fields of the evidence that hold the torques, in newton metres
    low_nm: the least torque that is right
    high_nm: the largest torque that is right
    """

    rule: ClassVar[str] = "torque_set"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    terminals: tuple[str, ...]
    low_nm: Decimal
    high_nm: Decimal

    def __post_init__(self) -> None:
        if not self.terminals:
            raise ValueError("terminals is empty; name the fields that hold the torques")
        if self.low_nm > self.high_nm:
            english, chinese = "low_nm is {low}; it must not be above high_nm ({high})", "low_nm 为 {low}，不能大于 high_nm（{high}）"
            raise ValueError(Said(english, zh=chinese, low=self.low_nm, high=self.high_nm))

    def score(self, evidence: Evidence) -> Score:
        torques = {name: evidence.number(name) for name in self.terminals}  # one that is missing leaves the aspect unjudged
        right = [name for name, torque in torques.items() if self.low_nm <= torque <= self.high_nm]
        marks = (self.max * len(right) / len(torques)).quantize(Decimal("0.01"))
        steps = [
            Step(f"{name}: {self.low_nm} <= {torque} <= {self.high_nm}", "true" if name in right else "false")
            for name, torque in torques.items()
        ]
        steps.append(Step(f"{self.max} × {len(right)} / {len(torques)}", str(marks)))
        broken = [
            Opinion(Doubt.QUESTIONABLE, stripped(name, torque), code="stripped_thread", threshold=str(self.low_nm / 4))
            for name, torque in torques.items()
            if torque < self.low_nm / 4
        ]
        return Score(marks, self.max, tuple(steps), {name: str(torque) for name, torque in torques.items()}, opinions=tuple(broken))


def stripped(name: str, torque: Decimal) -> Said:
    """A sentence in both languages; the numbers are filled in once somebody reads it."""
    return Said("{name} looks stripped: {torque} N·m", zh="{name} 疑似滑牙：{torque} N·m", name=name, torque=torque)
