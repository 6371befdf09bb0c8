"""Who meets what: the incidents that a real contest has, each given to one contestant. Refuses to give two to the same person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contest_server.core.definition import ContestantDef
from contest_server.demo.dice import Dice


class Fate(StrEnum):
    """Each value is what the referees' list of questions says about it, or what else it leads to."""

    ORDINARY = "nothing"
    NO_SHOW = "status dns, entered by an official"
    WITHDRAWS = "status withdrawn"
    OVERTIME = "over_time: handed in after the end, held"
    LEAPS = "implausibly_fast, too_fast: two clears that nobody can do"
    DISORDER = "closed_stage, then out_of_order: power-up before the insulation test"
    MISTYPED = "unknown_contestant: the desk typed a wrong number, and corrects it"
    MISSPELT = "a refused event: the desk misspelt the outcome, and sends it again"
    PRESSES_TWICE = "duplicate: two clears of one stage"
    FREE_TRY = "an equipment fault: the attempt is free"
    LIVE_WORK = "safety_stop: worked on a live circuit"
    DAMAGES_TWICE = "propose_disqualification: damaged the equipment twice"
    OLD_METER = "calibration_expired: the meter's calibration has run out"
    NO_READING = "not_judged: a reading never came"


SLOW = (Fate.OVERTIME, Fate.WITHDRAWS, Fate.NO_SHOW)
"""For those who would not finish anyhow."""
FINISHING = (Fate.DISORDER, Fate.LIVE_WORK, Fate.OLD_METER, Fate.LEAPS)
"""For those who come as far as the last stages; not for the very best, who decide the show."""


@dataclass(frozen=True, slots=True)
class Person:
    """A contestant at work. `hand` from 0 to 1: how good."""

    id: str
    venue: str
    hand: float
    fate: Fate = Fate.ORDINARY


def people_of(seed: int, contestants: Sequence[ContestantDef]) -> list[Person]:
    """Everybody with a hand and a fate. What one contestant is like does not depend on the order of the roster."""
    hands = {each.id: _hand(seed, each.id) for each in contestants}
    fates = _fates(seed, {each.id: hands[each.id] for each in contestants if each.status == "ok"})
    return [Person(each.id, each.venue or "", hands[each.id], fates.get(each.id, Fate.ORDINARY)) for each in contestants]


def _hand(seed: int, contestant: str) -> float:
    dice = Dice(seed, "hand", contestant)
    return (dice.share() + dice.share()) / 2


def _fates(seed: int, hands: Mapping[str, float]) -> dict[str, Fate]:
    by_hand = sorted(hands, key=lambda contestant: (-hands[contestant], contestant))
    slowest = by_hand[-len(SLOW) :]
    fates = dict(zip(reversed(slowest), SLOW, strict=True))
    able = by_hand[3 : len(by_hand) // 2]
    rest = by_hand[len(by_hand) // 2 : -len(SLOW)]
    others = [fate for fate in Fate if fate is not Fate.ORDINARY and fate not in SLOW and fate not in FINISHING]
    for group, given in ((able, FINISHING), (rest, others)):
        drawn = sorted(group, key=lambda contestant: Dice(seed, "fate", contestant).share())
        fates.update(zip(drawn, given, strict=False))
    return fates
