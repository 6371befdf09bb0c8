"""The whole rehearsal before it begins: contest, events, orders, faults. The same wishes make the same plan; nothing here reads a clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contest_server.core.definition import Definition
from contest_server.core.rulebook import Judges
from contest_server.demo.telling import Device, Told
from contest_server.rehearsal.faults import Cast, Fault, faults_for
from contest_server.rehearsal.scenario import minutes_of, scenario_of
from contest_server.rehearsal.story import Events, Pause, Tale, tale_of
from contest_server.rehearsal.wishes import FaultKind, Wishes

PAUSE_FROM, PAUSE_TO = 0.45, 0.5
"""Of the contest's length: when its clock stands."""
FREEZE_SHARE = 0.75
NOISE, NOISE_EVENTS = "noise", 3
"""The device that sends what no device should, and how many numbered events it sends at a time."""
UNKNOWN_CONTESTANT, UNKNOWN_STAGE, UNKNOWN_OUTCOME = "X404", "no-such-stage", "garbled"
TOP_ROWS = 10


@dataclass(frozen=True, slots=True)
class Turn:
    """From this moment of the play (ms) on, a device's clock is so far ahead (ms)."""

    from_ms: int
    ahead_ms: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`play_ms` is from the start to the end, pause included, in contest time; `clocks` has devices whose clocks are wrong."""

    wishes: Wishes
    definition: Definition
    tale: Tale
    pause: Pause
    freeze_ms: int
    play_ms: int
    faults: Sequence[Fault]
    clocks: Mapping[Device, Sequence[Turn]]
    views: Mapping[str, str]

    @property
    def played_s(self) -> float:
        """Real seconds from start to end."""
        return self.play_ms / 1_000 / self.wishes.speed

    @property
    def devices(self) -> Sequence[Device]:
        """Those with an agent."""
        return [device for device in self.tale.events if device.name != NOISE]

    @property
    def noises(self) -> Sequence[Device]:
        return [device for device in self.tale.events if device.name == NOISE]

    def events_of(self, device: Device) -> Sequence[Told]:
        return self.tale.events[device]

    def ahead_ms(self, device: Device, at_ms: int) -> int:
        """How far this device's clock is ahead at this moment of the play."""
        return next((turn.ahead_ms for turn in reversed(self.clocks.get(device, ())) if turn.from_ms <= at_ms), 0)

    def wire(self, device: Device, told: Told, start_us: int) -> dict[str, Any]:
        """The event as the device tells it, by its own clock at that moment."""
        return replace(told, device=replace(device, ahead_ms=self.ahead_ms(device, told.said_ms))).wire(start_us)

    def by_kind(self, *kinds: FaultKind) -> Sequence[Fault]:
        return [fault for fault in self.faults if fault.kind in kinds]


def plan_of(wishes: Wishes, judges: Judges) -> Plan:
    """Raises BadWish or DefinitionError."""
    wishes.check()
    definition = scenario_of(wishes, judges)
    minutes = minutes_of(definition)
    wishes.check_length(minutes)
    length_ms = minutes * 60_000
    pause = Pause(int(length_ms * PAUSE_FROM), int(length_ms * PAUSE_TO))
    play_ms = pause.after(length_ms)
    tale = tale_of(wishes.seed, definition, pause, own=wishes.definition is not None)
    views = {f"display-{number + 1}": _view(number, definition) for number in range(wishes.displays)}
    venues = [venue.id for venue in definition.venues if any(device.venue == venue.id for device in tale.events)]
    cast = Cast(wishes.seed, play_ms / 1_000 / wishes.speed, venues, list(tale.events), list(views))
    faults = faults_for(wishes, cast)
    noise = _noise(definition, faults, wishes.speed)
    clocks = _clocks(tale.events, faults, wishes.speed)
    whole = Tale({**tale.events, **noise}, tale.acts)
    return Plan(wishes, definition, whole, pause, _freeze_ms(definition, pause, length_ms), play_ms, faults, clocks, views)


def _view(number: int, definition: Definition) -> str:
    """All of it first, then the top, then a venue, and so on."""
    venues = definition.venues
    choices = ("all", f"top:{TOP_ROWS}", f"venue:{venues[number // 3 % len(venues)].id}")
    return choices[number % len(choices)]


def _freeze_ms(definition: Definition, pause: Pause, length_ms: int) -> int:
    minutes = definition.contest.freeze_minutes
    return pause.after(int(length_ms * FREEZE_SHARE) if not minutes else length_ms - minutes * 60_000)


def _noise(definition: Definition, faults: Sequence[Fault], speed: float) -> Events:
    """The numbered part of what a device sends that should not: kept and flagged, or refused by number."""
    found: dict[Device, list[Told]] = {}
    contestant, stage = definition.contestants[0].id, definition.stages[0].id
    for fault in (each for each in faults if each.kind is FaultKind.GARBAGE):
        device, at_ms = Device(fault.target, NOISE), int(fault.from_s * speed * 1_000)
        name = f"{NOISE}-{fault.target}-{int(fault.amount)}"
        found.setdefault(device, []).extend(
            (
                Told(device, at_ms, at_ms, "clear", UNKNOWN_CONTESTANT, stage, name),
                Told(device, at_ms, at_ms, "clear", contestant, UNKNOWN_STAGE, name),
                Told(device, at_ms, at_ms, "attempt", contestant, stage, name, {"outcome": UNKNOWN_OUTCOME}),
            )
        )
    return {device: tuple(events) for device, events in found.items()}


def _clocks(events: Events, faults: Sequence[Fault], speed: float) -> Mapping[Device, Sequence[Turn]]:
    by_source = {device.source: device for device in events}
    wrong = [fault for fault in faults if fault.kind is FaultKind.CLOCK]
    return {by_source[fault.target]: (Turn(int(fault.from_s * speed * 1_000), int(fault.amount)),) for fault in wrong}


# ---- as text ---------------------------------------------------------------------------------------------------------------------


def lines_of(plan: Plan) -> Iterator[str]:
    """The plan for people, in both languages."""
    wishes, definition = plan.wishes, plan.definition
    about = definition.contest
    yield f"演练 rehearsal: {about.name.zh} / {about.name.en}"
    yield (
        f"  {len(definition.venues)} 赛区 venues, {len(definition.contestants)} 选手 contestants, {len(plan.tale.events)} 设备 devices, "
        f"{plan.tale.count} 事件 events, {len(plan.views)} 大屏 displays, {len(wishes.urls)} 服务器 servers"
    )
    yield (
        f"  {about.minutes} 分钟 minutes × {wishes.speed:g} = {plan.played_s:.0f} 秒 real seconds, 种子 seed {wishes.seed}, "
        f"{len(plan.faults)} 故障 faults"
    )
    yield f"  {moment(plan, plan.pause.from_ms)}  计时暂停 the contest's clock is paused"
    yield f"  {moment(plan, plan.pause.to_ms)}  计时恢复 and goes on"
    yield f"  {moment(plan, plan.freeze_ms)}  封榜 the public board freezes"
    yield f"  {moment(plan, plan.play_ms)}  结束 the end, then thaw, rulings, final result"
    for fault in plan.faults:
        yield f"  {moment(plan, int(fault.from_s * 1_000 * wishes.speed))}  {fault.kind}: {fault.zh} / {fault.en}"


def moment(plan: Plan, at_ms: int) -> str:
    """Contest time, and real seconds since the start."""
    seconds = at_ms // 1_000
    return f"{seconds // 60:02}:{seconds % 60:02} (+{at_ms / 1_000 / plan.wishes.speed:6.1f} s)"
