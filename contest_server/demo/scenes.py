"""What there is to see in a round, in both languages, with the moment it happens. Only words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contest_server.core.definition import Definition
from contest_server.demo.bundle import freeze_ms
from contest_server.demo.fates import Fate, Person
from contest_server.demo.telling import Act, Cut, Device, Scene, Told

CLOCK_TOLD_MS = 12_000


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said of a fate: at the first decision on a `stage`, or at the last event of a `kind` ("decision": of any such)."""

    zh: str
    en: str
    stage: str = ""
    kind: str = ""


SAYINGS = {
    Fate.NO_SHOW: Saying("{} 没有到场,裁判登记为未参赛(DNS)", "{} did not come; an official enters DNS"),
    Fate.WITHDRAWS: Saying("{} 弃权", "{} withdraws", kind="withdraw"),
    Fate.OVERTIME: Saying("{} 在比赛结束后才交卷:不计分,等裁判裁定", "{} hands in after the end: held for the referee", kind="decision"),
    Fate.LEAPS: Saying(
        "{} 0.4 秒内连过两关,不可能:存疑,提交裁判", "{} clears two stages within 0.4 s, which nobody can: flagged", stage="insulation"
    ),
    Fate.DISORDER: Saying(
        "{} 没做绝缘测试就通电:通电成绩暂扣,补测后恢复",
        "{} powers up before the insulation test: held until the test is passed",
        stage="power_up",
    ),
    Fate.MISTYPED: Saying(
        "工作台把 {} 的编号输错了:事件保留并标记“未知选手”,20 秒后更正",
        "a desk mistypes the number of {}: kept and flagged, corrected 20 s later",
        stage="components",
    ),
    Fate.MISSPELT: Saying(
        "{} 的判定写错了一个词:服务器按编号退回,其余照收,随后重发",
        "a desk misspells the verdict on {}: refused by its number, the rest goes on, and it is sent again",
        stage="wiring",
    ),
    Fate.PRESSES_TWICE: Saying(
        "{} 的过关按钮被按了两次:只算一次", "the button for {} is pressed twice: it counts once", stage="components"
    ),
    Fate.FREE_TRY: Saying("{} 的考题设备故障:这次不算尝试", "the equipment of {} fails: that try is free", stage="faults"),
    Fate.LIVE_WORK: Saying(
        "{} 带电作业:扣 5 分,请安全裁判叫停", "{} works on a live circuit: 5 marks off, a safety stop is asked for", kind="violation"
    ),
    Fate.DAMAGES_TWICE: Saying(
        "{} 两次损坏设备:规则建议取消资格,由裁判长决定",
        "{} has damaged equipment twice: the rules propose disqualification",
        kind="violation",
    ),
    Fate.OLD_METER: Saying(
        "{} 用的兆欧表检定已过期:存疑", "the insulation meter of {} is past its calibration: flagged", stage="insulation"
    ),
    Fate.NO_READING: Saying(
        "{} 的力矩读数没有传来:这一项未评,不是零分", "a reading of {} never came: not judged, which is not zero", stage="wiring"
    ),
}


def scenes_of(
    definition: Definition, people: Sequence[Person], told: Sequence[Told], cuts: Sequence[Cut], acts: Sequence[Act]
) -> tuple[Scene, ...]:
    """In order of time."""
    scenes = [
        *_fates(definition, people, told, acts),
        *_cuts(definition, cuts),
        *_clocks(definition, {each.device for each in told}),
        *_officials(definition),
    ]
    return tuple(sorted(scenes, key=lambda scene: (scene.at_ms, scene.en)))


def _fates(definition: Definition, people: Sequence[Person], told: Sequence[Told], acts: Sequence[Act]) -> Iterator[Scene]:
    names = {contestant.id: contestant.name for contestant in definition.contestants}
    entered = {act.contestant: act.at_ms for act in acts}
    for person in people:
        saying, name = SAYINGS.get(person.fate), names[person.id]
        if saying is None or name is None:
            continue
        at_ms = entered[person.id] if person.id in entered else _moment(person, saying, told)
        if at_ms is not None:
            yield Scene(at_ms, saying.zh.format(f"{name.zh}({person.id})"), saying.en.format(f"{name.en} ({person.id})"))


def _moment(person: Person, saying: Saying, told: Sequence[Told]) -> int | None:
    """When it happened; None if it never came to that. What was mistyped is known by its attempt."""
    own = [each for each in told if each.contestant == person.id or (each.attempt or "").startswith(f"{person.id}-")]
    decisions = [each for each in own if each.kind in ("clear", "attempt") and each.data.get("outcome") != "pending"]
    if saying.kind:
        last = decisions if saying.kind == "decision" else []
        return max((each.at_ms for each in own if each.kind == saying.kind or each in last), default=None)
    return min((each.at_ms for each in decisions if each.stage == saying.stage), default=None)


def _cuts(definition: Definition, cuts: Sequence[Cut]) -> Iterator[Scene]:
    for cut in cuts:
        zh, en = _venue(definition, cut.venue)
        seconds = (cut.to_ms - cut.from_ms) // 1_000
        yield Scene(
            cut.from_ms,
            f"{zh}断网 {seconds} 秒:事件存进发件箱,一条不丢",
            f"{en} loses its network for {seconds} s: events wait in the outbox, none is lost",
        )
        yield Scene(cut.to_ms, f"{zh}恢复联网:从断点续传,榜单追上", f"{en} is back: it resumes by number, and the board catches up")


def _clocks(definition: Definition, devices: set[Device]) -> Iterator[Scene]:
    for device in devices:
        if device.ahead_ms:
            zh, en = _venue(definition, device.venue)
            off_s = device.ahead_ms // 1_000
            yield Scene(
                CLOCK_TOLD_MS,
                f"{zh} {device.name} 的时钟快 {off_s} 秒:服务器测出偏差,自动校正并标记",
                f"the clock of {en} {device.name} is {off_s} s ahead: measured, corrected and flagged",
            )


def _officials(definition: Definition) -> Iterator[Scene]:
    minutes = definition.contest.freeze_minutes
    zh, en = f"封榜:最后 {minutes} 分钟的提交显示为待定", f"the public board freezes: what comes in the last {minutes} minutes is pending"
    yield Scene(freeze_ms(definition), zh, en)


def _venue(definition: Definition, venue: str) -> tuple[str, str]:
    name = next(each.name for each in definition.venues if each.id == venue)
    return (venue, venue) if name is None else (name.zh, name.en)
