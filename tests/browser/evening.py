"""Contests for the screen to show, as documents, and what their devices tell. Only data: nothing is sent from here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

Json = dict[str, Any]

MINUTES = 120
VENUES: Sequence[Json] = (
    {"id": "yongjia", "name": {"zh": "永嘉", "en": "Yongjia"}, "colour": "#e5484d"},
    {"id": "yueqing", "name": {"zh": "乐清", "en": "Yueqing"}, "colour": "#3b82f6"},
)
PEOPLE: Sequence[Json] = (
    {"id": "A1", "venue": "yongjia", "name": {"zh": "陈建国", "en": "Chen Jianguo"}, "employer": "永嘉供电"},
    {"id": "A2", "venue": "yongjia", "name": {"zh": "厉俊杰", "en": "Li Junjie"}},
    {"id": "A3", "venue": "yongjia", "name": {"zh": "潘若彤", "en": "Pan Ruotong"}},
    {"id": "B1", "venue": "yueqing", "name": {"zh": "安小宁", "en": "An Xiaoning"}},
    {"id": "B2", "venue": "yueqing", "name": {"zh": "朱振华", "en": "Zhu Zhenhua"}},
    {"id": "G1", "venue": "yueqing", "name": {"zh": "董师傅", "en": "Master Dong"}, "status": "guest"},
)
STAGES: Sequence[Json] = (
    {"id": "wiring", "name": {"zh": "配盘接线", "en": "Panel wiring"}, "points": "3.25"},
    {"id": "quiz", "name": {"zh": "理论抢答", "en": "Quiz"}, "points": "4.5"},
    {"id": "final", "name": {"zh": "通电调试", "en": "Power-up"}, "points": "20"},
)


def document(
    contest: str,
    start: datetime,
    people: Sequence[Json] = PEOPLE,
    stages: Sequence[Json] = STAGES,
    venues: Sequence[Json] = VENUES,
    **about: Any,
) -> Json:
    """A contest of two hours. `about` goes into its first table."""
    name = {"zh": "两城电工赛", "en": "Two Cities Cup"}
    return {
        "format": 1,
        "contest": {"id": contest, "name": name, "starts": start.isoformat(), "minutes": MINUTES} | about,
        "venues": list(venues),
        "contestants": list(people),
        "stages": list(stages),
    }


def crowd(people: int) -> list[Json]:
    """So many contestants, spread over both venues. Their ids sort as their numbers do."""
    return [
        {"id": f"C{number:04}", "venue": VENUES[number % 2]["id"], "name": {"zh": f"选手{number:04}", "en": f"Contestant {number:04}"}}
        for number in range(1, people + 1)
    ]


def course(stages: int) -> list[Json]:
    """So many stages, each worth a point more than the one before."""
    return [
        {"id": f"s{number}", "name": {"zh": f"关卡{number}", "en": f"Stage {number}"}, "points": str(number)}
        for number in range(1, stages + 1)
    ]


def told(kind: str, contestant: str, stage: str | None, at_s: float, attempt: str = "1", **data: Any) -> Json:
    """What a device tells, `at_s` seconds into the contest. It becomes an event when it is numbered and its time is reckoned."""
    named = {"stage": stage, "attempt": f"{contestant}-{stage}-{attempt}"} if stage else {}
    return {"kind": kind, "contestant": contestant, **named, "at_s": at_s, "data": data}


def clear(contestant: str, stage: str, at_s: float, **data: Any) -> Json:
    return told("clear", contestant, stage, at_s, **data)


def outcome(verdict: str, contestant: str, stage: str, at_s: float, attempt: str = "1") -> Json:
    return told("attempt", contestant, stage, at_s, attempt, outcome=verdict)


def numbered(each: Iterable[Json], after: int, start: datetime) -> list[Json]:
    """These as events of one source, from the number `after` + 1 on."""
    return [
        {"seq": seq, "at": (start + timedelta(seconds=one["at_s"])).isoformat()} | {k: v for k, v in one.items() if k != "at_s"}
        for seq, one in enumerate(each, start=after + 1)
    ]
