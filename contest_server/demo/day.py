"""One contestant's contest, from the first stage to the last event. Pure: depends on the seed and the person alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from contest_server.demo.dice import Dice
from contest_server.demo.fates import Fate, Person
from contest_server.demo.telling import Device, Told
from contest_server.demo.work import ORDER, WORK, Work

TRIES_MAX = 3
WRONG_ID = "A0I7"
"""What a desk typed instead of a contestant's id: a letter for a digit."""
LATE_HAND_IN_MS = 2_500
DAWDLES_MS = 20_000
"""More than it takes to walk to the next stage: whoever is to be late is at work when the contest ends."""
CORRECTED_AFTER_MS = 20_000
RESENT_AFTER_MS = 6_000
OLD_CALIBRATION = "2026-10-31"


@dataclass(frozen=True, slots=True)
class Posts:
    """Which device tells what of this contestant."""

    desk: Device
    meters: Device


@dataclass(slots=True)
class Day:
    """The day so far. `now_ms` is contest time."""

    seed: int
    person: Person
    posts: Posts
    ends_ms: int
    now_ms: int = 0
    told: list[Told] = field(default_factory=list)

    def dice(self, *name: object) -> Dice:
        return Dice(self.seed, self.person.id, *name)

    def tell(self, at_ms: int, kind: str, stage: str | None = None, attempt: str | None = None, **data: Any) -> None:
        device = self.posts.meters if kind == "evidence" else self.posts.desk
        self.told.append(Told(device, at_ms, at_ms, kind, self.person.id, stage, attempt, data))


def day_of(seed: int, person: Person, posts: Posts, ends_ms: int) -> list[Told]:
    """Everything that is told of this person, in order of the time it is typed in."""
    if person.fate is Fate.NO_SHOW:
        return []
    day = Day(seed, person, posts, ends_ms, now_ms=Dice(seed, person.id, "arrives").ms(0.5, 6.0))
    for stage in order_of(person):
        if not _work(day, WORK[stage]):
            break
        day.now_ms += day.dice(stage, "walks").ms(3.0, 7.0)
    told = _as_it_was_typed(day)
    return sorted(told, key=lambda each: (each.said_ms, each.kind, each.attempt or "", sorted(each.data)))


def order_of(person: Person) -> Sequence[str]:
    """Whoever is out of order powers up before the insulation was tested."""
    if person.fate is Fate.DISORDER:
        return ("isolation", "components", "wiring", "faults", "power_up", "insulation")
    return ORDER


def _work(day: Day, work: Work) -> bool:
    """Work on a stage until it is cleared. False: the day is over."""
    if day.person.fate is Fate.LEAPS and work.stage == "insulation":
        return _leap(day, work)
    _misconduct(day, work)
    for number in range(1, TRIES_MAX + 1):
        dice = day.dice(work.stage, number)
        good = number == TRIES_MAX or _is_free(day, work) or not dice.chance(max(0.06, 0.55 - 0.5 * day.person.hand) * work.hard)
        again = 1.0 if number == 1 else dice.between(0.35, 0.55)
        takes_ms = int(work.takes_s * 1_000 * again * _slowness(day.person) * dice.between(0.88, 1.12))
        verdict_ms = _try(day, work, number, takes_ms, good)
        if verdict_ms is None:
            return False
        day.now_ms = verdict_ms
        if good:
            return True
    raise AssertionError("the last try is a good one")


def _slowness(person: Person) -> float:
    """How much longer than usual this person takes; whoever is to be late has to be slow."""
    return (1.6 if person.fate is Fate.OVERTIME else 1.25) - 0.47 * person.hand


def _try(day: Day, work: Work, number: int, takes_ms: int, good: bool) -> int | None:
    """One try; returns when its outcome is known, None if the contest is over before."""
    attempt = f"{day.person.id}-{work.stage}-{number}"
    dice = day.dice(work.stage, number, "tells")
    if number == 1:  # the time of a stage runs from its first start, through all tries; only a free try gives it back
        day.tell(day.now_ms, "start", work.stage, attempt if _is_free(day, work) else None)
    handed_in_ms = day.now_ms + takes_ms
    late = day.person.fate is Fate.OVERTIME and handed_in_ms > day.ends_ms - DAWDLES_MS
    if late:
        handed_in_ms, good = day.ends_ms + LATE_HAND_IN_MS, True
    elif handed_in_ms > day.ends_ms:
        return None
    _measure(day, work, attempt, handed_in_ms - day.now_ms, good)
    if _is_free(day, work):
        return _breaks(day, work, attempt, handed_in_ms)
    verdict_ms = _hand_in(day, work, attempt, handed_in_ms, good, dice)
    return None if late else verdict_ms


def _hand_in(day: Day, work: Work, attempt: str, at_ms: int, good: bool, dice: Dice) -> int:
    """What the desk tells of it; returns when the outcome is known."""
    found = _found(dice, day, work, good)
    if work.judged:
        day.tell(at_ms, "attempt", work.stage, attempt, outcome="pending")
        verdict_ms = at_ms + dice.ms(4.0, 9.0)
        day.tell(verdict_ms, "attempt", work.stage, attempt, outcome="accepted" if good else "rejected", **found)
        return verdict_ms
    if good:
        day.tell(at_ms, "clear", work.stage, attempt, **found)
    else:
        day.tell(at_ms, "attempt", work.stage, attempt, outcome="rejected", **found)
    return at_ms


def _found(dice: Dice, day: Day, work: Work, good: bool) -> Mapping[str, Any]:
    """What the desk enters with the outcome."""
    if good:
        return work.answers(dice, day.person.hand)
    zh, en = dice.pick(work.reasons)
    return {"reason": f"{zh} / {en}"}


def _measure(day: Day, work: Work, attempt: str, takes_ms: int, good: bool) -> None:
    """The instruments' readings arrive while the contestant works."""
    dice = day.dice(work.stage, attempt, "meters")
    for reading in work.readings(dice, day.person.hand, good):
        at_ms = day.now_ms + int(takes_ms * dice.between(0.55, 0.95))
        if day.person.fate is Fate.NO_READING and "torque_nm" in reading:
            continue
        if day.person.fate is Fate.OLD_METER and "calibrated_until" in reading:
            reading = {**reading, "calibrated_until": OLD_CALIBRATION}
        day.tell(at_ms, "evidence", work.stage, attempt, **reading)


def _leap(day: Day, work: Work) -> bool:
    """Cleared four tenths of a second after the stage before: a button that was pressed twice, or worse."""
    wiring = next(told for told in reversed(day.told) if told.stage == "wiring")
    attempt = f"{day.person.id}-{work.stage}-1"
    begins_ms = wiring.at_ms + 100
    day.tell(begins_ms, "start", work.stage, attempt)
    for reading in work.readings(day.dice(work.stage, 1), day.person.hand, True):
        day.tell(begins_ms + 100, "evidence", work.stage, attempt, **reading)
    day.tell(begins_ms + 300, "clear", work.stage, attempt, **work.answers(day.dice(work.stage, 1), day.person.hand))
    day.now_ms = begins_ms + 300
    return True


def _is_free(day: Day, work: Work) -> bool:
    return day.person.fate is Fate.FREE_TRY and work.stage == "faults"


def _breaks(day: Day, work: Work, attempt: str, at_ms: int) -> int:
    """The equipment failed, not the contestant: the try is free."""
    day.tell(at_ms, "attempt", work.stage, attempt, outcome="free", reason="考题设备故障 / equipment fault")
    return _try_again(day, work, at_ms)


def _try_again(day: Day, work: Work, at_ms: int) -> int:
    attempt = f"{day.person.id}-{work.stage}-1b"
    dice = day.dice(work.stage, "again")
    day.tell(at_ms + 5_000, "start", work.stage, attempt)
    clear_ms = at_ms + 5_000 + dice.ms(15.0, 25.0)
    day.tell(clear_ms, "clear", work.stage, attempt, **work.answers(dice, day.person.hand))
    return clear_ms


def _misconduct(day: Day, work: Work) -> None:
    dice = day.dice(work.stage, "conduct")
    at_ms = day.now_ms + dice.ms(2.0, 12.0)
    codes = []
    if dice.chance(0.06 * (1.3 - day.person.hand)):
        codes.append("untidy" if dice.chance(0.75) else "no_helmet")
    if day.person.fate is Fate.LIVE_WORK and work.stage == "power_up":
        codes.append("live_working")
    if day.person.fate is Fate.DAMAGES_TWICE and work.stage in ("components", "wiring"):
        codes.append("damage")
    for index, code in enumerate(codes):
        day.tell(at_ms + index * 700, "violation", code=code)


def _as_it_was_typed(day: Day) -> Iterator[Told]:
    """What the desk made of it: cut off at the end of the day, with the mistakes of whoever sits there."""
    told = [each for each in day.told if _belongs(day, each)]
    match day.person.fate:
        case Fate.MISTYPED:
            yield from _mistyped(told)
        case Fate.MISSPELT:
            yield from _misspelt(told)
        case Fate.PRESSES_TWICE:
            yield from _pressed_twice(told)
        case Fate.WITHDRAWS:
            yield from _withdrawn(day, told)
        case _:
            yield from told


def _belongs(day: Day, told: Told) -> bool:
    """Nothing happens after the end but verdicts on what was handed in before, and the one that was handed in too late."""
    return told.at_ms <= day.ends_ms or day.person.fate is Fate.OVERTIME or _is_verdict(told)


def _is_verdict(told: Told) -> bool:
    return told.kind == "attempt" and told.data.get("outcome") in ("accepted", "rejected") and WORK[told.stage or ""].judged


def _mistyped(told: Sequence[Told]) -> Iterator[Told]:
    for each in told:
        if each.kind == "clear" and each.stage == "components":
            yield replace(each, contestant=WRONG_ID)
            yield replace(each, said_ms=each.at_ms + CORRECTED_AFTER_MS)
        else:
            yield each


def _misspelt(told: Sequence[Told]) -> Iterator[Told]:
    for each in told:
        if each.stage == "wiring" and each.data.get("outcome") == "accepted":
            yield replace(each, data={**each.data, "outcome": "acepted"})
            yield replace(each, said_ms=each.at_ms + RESENT_AFTER_MS)
        else:
            yield each


def _pressed_twice(told: Sequence[Told]) -> Iterator[Told]:
    for each in told:
        yield each
        if each.kind == "clear" and each.stage == "components":
            again_ms = each.at_ms + 1_200
            yield replace(each, at_ms=again_ms, said_ms=again_ms, attempt=f"{each.attempt}-again")


def _withdrawn(day: Day, told: Sequence[Told]) -> Iterator[Told]:
    leaves_ms = int(day.ends_ms * day.dice("withdraws").between(0.36, 0.46))
    handed_in = {each.attempt for each in told if each.at_ms < leaves_ms and each.data.get("outcome") == "pending"}
    yield from (each for each in told if each.at_ms < leaves_ms or (_is_verdict(each) and each.attempt in handed_in))
    yield Told(day.posts.desk, leaves_ms, leaves_ms, "withdraw", day.person.id, data={"reason": "身体不适 / unwell"})
