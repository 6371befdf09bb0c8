"""What goes wrong in a rehearsal, when and for how long: drawn from the seed before anything begins. Pure; in real seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contest_server.demo.dice import Dice
from contest_server.demo.telling import Device
from contest_server.rehearsal.wishes import FaultKind, Wishes

CUT_S = (0.6, 25.0)
DELAY_S = (0.8, 60.0)
DOWN_S = (0.3, 10.0)
DELAYS_MS = (80, 350)
CLOCKS_MS = (47_000, -93_000, 6_200, -1_800)
"""How wrong devices' clocks become, one after the other."""
SWAPPED_SHARE, DOUBLED_SHARE = 0.2, 0.25
SLOW_READ_S = 0.4
VOLLEYS = 3
LATE_AFTER_S = (0.5, 20.0)
"""How long after the contest's end a device that was offline comes back."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `target` is a venue, a device ("yueqing/desk-1") or a display ("display-3"); what `amount` means depends on the kind."""

    kind: FaultKind
    target: str
    from_s: float
    to_s: float
    amount: float = 0.0
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who can be hit. `played_s` is how long the contest lasts in real seconds."""

    seed: int
    played_s: float
    venues: Sequence[str]
    devices: Sequence[Device]
    displays: Sequence[str]

    def dice(self, *name: object) -> Dice:
        return Dice(self.seed, "fault", *name)

    def of(self, venue: str) -> Sequence[Device]:
        return [device for device in self.devices if device.venue == venue]


def faults_for(wishes: Wishes, cast: Cast) -> Sequence[Fault]:
    """All faults of the wished kinds, in the order in which they begin."""
    makers = {
        FaultKind.CUT: _cuts,
        FaultKind.DELAY: _delays,
        FaultKind.DUPLICATE: _doubled,
        FaultKind.REORDER: _swapped,
        FaultKind.CLOCK: _clocks,
        FaultKind.CRASH: _crashes,
        FaultKind.GARBAGE: _garbage,
        FaultKind.SLOW_DISPLAY: _slow,
        FaultKind.LATE: _late,
    }
    found = [fault for kind in FaultKind if kind in wishes.faults for fault in makers[kind](cast)]
    return sorted(found, key=lambda fault: (fault.from_s, fault.kind, fault.target))


def share_of(cast: Cast, share: float, bounds: tuple[float, float]) -> float:
    """A share of the contest in seconds, within bounds: a cut of a fast rehearsal is short, and none is longer than in life."""
    least, most = bounds
    return min(max(share * cast.played_s, least), most)


def _cuts(cast: Cast) -> Iterator[Fault]:
    """Each venue once, every other one half-open: connections stay, and nothing moves. And one display."""
    for number, venue in enumerate(cast.venues):
        dice = cast.dice("cut", venue)
        from_s, lasts_s = cast.played_s * dice.between(0.12, 0.62), share_of(cast, 0.07, CUT_S)
        half_open = number % 2 == 1
        how_zh, how_en = (
            ("半开:连接还在,数据不通", "half-open: connections stay, nothing moves") if half_open else ("断开", "connections break")
        )
        zh, en = f"{venue} 断网 {lasts_s:.1f} 秒({how_zh})", f"{venue} loses its network for {lasts_s:.1f} s ({how_en})"
        yield Fault(FaultKind.CUT, venue, from_s, from_s + lasts_s, float(half_open), zh, en)
    display = cast.displays[-1]
    from_s, lasts_s = cast.played_s * cast.dice("cut", display).between(0.3, 0.6), share_of(cast, 0.1, CUT_S)
    words = f"{display} 断网 {lasts_s:.1f} 秒", f"{display} loses its network for {lasts_s:.1f} s"
    yield Fault(FaultKind.CUT, display, from_s, from_s + lasts_s, 0.0, *words)


def _delays(cast: Cast) -> Iterator[Fault]:
    """One venue's line becomes slow: the last one, whose clocks are right."""
    venue = cast.venues[-1]
    dice = cast.dice("delay", venue)
    from_s, lasts_s, ms = cast.played_s * dice.between(0.1, 0.5), share_of(cast, 0.2, DELAY_S), int(dice.between(*DELAYS_MS))
    zh, en = f"{venue} 线路每程延迟 {ms} 毫秒,{lasts_s:.1f} 秒", f"each way of the line of {venue} takes {ms} ms longer for {lasts_s:.1f} s"
    yield Fault(FaultKind.DELAY, venue, from_s, from_s + lasts_s, ms / 1_000, zh, en)


def _all_along(cast: Cast, kind: FaultKind, which: int, amount: float, zh: str, en: str) -> Iterator[Fault]:
    """One device of each venue, from the beginning to the end."""
    for venue in cast.venues:
        device = cast.of(venue)[which % len(cast.of(venue))].source
        yield Fault(kind, device, 0.0, cast.played_s, amount, f"{device} {zh}", f"{device} {en}")


def _doubled(cast: Cast) -> Iterator[Fault]:
    return _all_along(cast, FaultKind.DUPLICATE, -1, DOUBLED_SHARE, "常把消息发两次", "often sends a message twice")


def _swapped(cast: Cast) -> Iterator[Fault]:
    return _all_along(cast, FaultKind.REORDER, 0, SWAPPED_SHARE, "的消息有时颠倒次序", "sometimes sends messages in the wrong order")


def _clocks(cast: Cast) -> Iterator[Fault]:
    """One device is wrong from the beginning; others' clocks step when they are started again. Not at the venue with the slow line."""
    for number, venue in enumerate(cast.venues[: max(1, min(len(CLOCKS_MS), len(cast.venues) - 1))]):
        devices = cast.of(venue)
        device, ahead_ms = devices[1 % len(devices)].source, CLOCKS_MS[number]
        from_s = 0.0 if number == 0 else cast.played_s * cast.dice("clock", device).between(0.35, 0.65)
        seconds = ahead_ms / 1_000
        if number == 0:
            zh, en = f"{device} 的时钟一开始就差 {seconds:+.1f} 秒", f"the clock of {device} is {seconds:+.1f} s off from the beginning"
        else:
            zh, en = f"{device} 重启后时钟跳 {seconds:+.1f} 秒", f"{device} is started again, and its clock has stepped by {seconds:+.1f} s"
        yield Fault(FaultKind.CLOCK, device, from_s, cast.played_s, ahead_ms, zh, en)


def _crashes(cast: Cast) -> Iterator[Fault]:
    """One agent of each venue dies without a word, and comes back with nothing but its outbox."""
    for venue in cast.venues:
        device = cast.of(venue)[0].source
        from_s, down_s = cast.played_s * cast.dice("crash", device).between(0.2, 0.8), share_of(cast, 0.04, DOWN_S)
        words = f"{device} 的代理被杀,{down_s:.1f} 秒后重启", f"the agent of {device} is killed, and started again after {down_s:.1f} s"
        yield Fault(FaultKind.CRASH, device, from_s, from_s + down_s, 0.0, *words)


def _garbage(cast: Cast) -> Iterator[Fault]:
    for venue in cast.venues:
        for volley in range(VOLLEYS):
            from_s = cast.played_s * cast.dice("garbage", venue, volley).between(0.05, 0.9)
            zh, en = (
                f"{venue} 有设备发来乱码、未知选手和错误时间",
                f"a device of {venue} sends garbage, an unknown contestant and a wrong time",
            )
            yield Fault(FaultKind.GARBAGE, venue, from_s, from_s, float(volley), zh, en)


def _slow(cast: Cast) -> Iterator[Fault]:
    display = cast.displays[0]
    zh, en = f"{display} 每 {SLOW_READ_S} 秒才读一条消息", f"{display} reads one message every {SLOW_READ_S} s"
    yield Fault(FaultKind.SLOW_DISPLAY, display, 0.0, cast.played_s, SLOW_READ_S, zh, en)


def _late(cast: Cast) -> Iterator[Fault]:
    """A device is offline towards the end, and its events arrive when the contest is over."""
    devices = cast.of(cast.venues[0])
    device, after_s = devices[-1].source, share_of(cast, 0.06, LATE_AFTER_S)
    from_s = cast.played_s * 0.8
    zh = f"{device} 最后一段离线,比赛结束 {after_s:.1f} 秒后才补传"
    en = f"{device} is offline towards the end; its events arrive {after_s:.1f} s after the contest is over"
    yield Fault(FaultKind.LATE, device, from_s, cast.played_s + after_s, after_s, zh, en)
