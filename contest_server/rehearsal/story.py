"""What the venues of a rehearsal tell, known beforehand: the demo's electricians, or any contest with plausible work. Pure, by seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contest_server.core.definition import AspectDef, ContestantDef, Definition, StageDef
from contest_server.demo.bundle import bundled, duration_ms
from contest_server.demo.day import Posts, day_of
from contest_server.demo.dice import Dice
from contest_server.demo.fates import Fate, people_of
from contest_server.demo.telling import Act, Device, Told
from contest_server.rehearsal.scenario import minutes_of

DESKS = ("desk-1", "desk-2")
METERS = "meters"
NO_SHOW_SHARE = 0.1
"""Of the contest's length: when an official enters that somebody did not come."""
NO_SHOW_REASON = "没有到场检录 / did not report to the call room"

Events = Mapping[Device, Sequence[Told]]


@dataclass(frozen=True, slots=True)
class Pause:
    """The contest's clock stands from one moment to another, and everybody waits."""

    from_ms: int
    to_ms: int

    def after(self, at_ms: int) -> int:
        """When it happens what would have happened at `at_ms` without this pause."""
        return at_ms if at_ms < self.from_ms else at_ms + self.to_ms - self.from_ms


@dataclass(frozen=True, slots=True)
class Tale:
    """Everything that is told, by device in the order of telling, and what officials enter. In ms since the start, with the pause."""

    events: Events
    acts: Sequence[Act]

    @property
    def count(self) -> int:
        return sum(len(each) for each in self.events.values())

    @property
    def last_ms(self) -> int:
        return max((told.said_ms for each in self.events.values() for told in each), default=0)


def tale_of(seed: int, definition: Definition, pause: Pause, *, own: bool) -> Tale:
    """The same seed tells the same, whenever it begins. `own`: the definition is not the bundled one."""
    posts = {venue.id: [Device(venue.id, name) for name in (*DESKS, METERS)] for venue in definition.venues}
    told, acts = _plausible(seed, definition, posts) if own else _electricians(seed, definition, posts)
    paused = [replace(each, at_ms=pause.after(each.at_ms), said_ms=pause.after(each.said_ms)) for each in told]
    late = [replace(act, at_ms=pause.after(act.at_ms)) for act in acts]
    return Tale(_by_device([device for each in posts.values() for device in each], paused), late)


def _by_device(devices: Iterable[Device], told: Iterable[Told]) -> Events:
    found: dict[Device, list[Told]] = {device: [] for device in devices}
    for each in told:
        found[each.device].append(each)
    for events in found.values():
        events.sort(key=lambda each: (each.said_ms, each.contestant))
    return {device: tuple(events) for device, events in found.items() if events}


def _posts_of(place: int, devices: Sequence[Device]) -> Posts:
    return Posts(devices[place % len(DESKS)], devices[-1])


# ---- the electricians of the demo ------------------------------------------------------------------------------------------------


def _electricians(seed: int, definition: Definition, posts: Mapping[str, Sequence[Device]]) -> tuple[list[Told], list[Act]]:
    """Their day takes as long as the bundled contest; here it is stretched to the length of this one."""
    bundled_ms = duration_ms(bundled())
    times = minutes_of(definition) * 60_000 / bundled_ms
    told: list[Told] = []
    acts: list[Act] = []
    for place, person in enumerate(people_of(seed, definition.contestants)):
        day = day_of(seed, person, _posts_of(place // len(posts), posts[person.venue]), bundled_ms)
        told += [replace(each, at_ms=int(each.at_ms * times), said_ms=int(each.said_ms * times)) for each in day]
        if person.fate is Fate.NO_SHOW:
            acts.append(Act(int(bundled_ms * times * NO_SHOW_SHARE), person.id, "dns", NO_SHOW_REASON))
    return told, acts


# ---- any contest -----------------------------------------------------------------------------------------------------------------


def _plausible(seed: int, definition: Definition, posts: Mapping[str, Sequence[Device]]) -> tuple[list[Told], list[Act]]:
    """Everybody works through the stages in their order; some attempts are rejected first, and the last contestant does not come."""
    told: list[Told] = []
    *coming, missing = definition.contestants
    for place, contestant in enumerate(coming or [missing]):
        told += _one(seed, definition, contestant, _posts_of(place, posts[contestant.venue or definition.venues[0].id]))
    acts = [Act(int(minutes_of(definition) * 60_000 * NO_SHOW_SHARE), missing.id, "dns", NO_SHOW_REASON)] if coming else []
    return told, acts


def _one(seed: int, definition: Definition, contestant: ContestantDef, posts: Posts) -> Iterator[Told]:
    room_ms = minutes_of(definition) * 60_000 // (len(definition.stages) + 1)
    now_ms = Dice(seed, contestant.id, "arrives").ms(0.5, max(1.0, room_ms / 4_000))
    for stage in definition.stages:
        dice = Dice(seed, contestant.id, stage.id)
        takes_ms = int(room_ms * dice.between(0.4, 0.95))
        yield from _at(dice, stage, contestant.id, posts, now_ms, takes_ms)
        now_ms += takes_ms + room_ms // 20


def _at(dice: Dice, stage: StageDef, who: str, posts: Posts, begins_ms: int, takes_ms: int) -> Iterator[Told]:
    """A start, sometimes a rejected attempt, the instruments' readings, and a clear."""
    first, last = f"{who}-{stage.id}-1", f"{who}-{stage.id}-2"
    yield Told(posts.desk, begins_ms, begins_ms, "start", who, stage.id)
    if dice.chance(0.25):
        at_ms = begins_ms + takes_ms // 2
        yield Told(posts.desk, at_ms, at_ms, "attempt", who, stage.id, first, {"outcome": "rejected"})
    handed_in_ms = begins_ms + takes_ms
    data = {name: value for aspect in stage.aspects for name, value in _evidence(dice, aspect)}
    if data:
        at_ms = handed_in_ms - takes_ms // 10
        yield Told(posts.meters, at_ms, at_ms, "evidence", who, stage.id, last, data)
    yield Told(posts.desk, handed_in_ms, handed_in_ms, "clear", who, stage.id, last)


def _evidence(dice: Dice, aspect: AspectDef) -> Iterator[tuple[str, Any]]:
    """What an instrument or a checklist might say of this aspect, from the parameters of its rule. What is not known stays not judged."""
    parameters = aspect.parameters
    for item in parameters.get("items", ()):
        if isinstance(item, dict) and isinstance(item.get("field"), str):
            yield item["field"], dice.chance(0.85)
    field = parameters.get("field")
    if not isinstance(field, str):
        return
    nominal = next((parameters[name] for name in ("nominal", "target", "at_least", "limit") if name in parameters), None)
    if nominal is None:
        yield field, dice.chance(0.85)
        return
    yield field, f"{float(nominal) * dice.between(0.95, 1.08):.3f}"
