"""A contest with enough in it for every scene, and its past: who cleared what, when, in the order of time."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tests.browser import evening
from tests.browser.evening import Json, clear, outcome
from tests.browser.hall import Contest, Hall

FAMILY = "陈林黄郑叶王李张周吴徐朱胡金潘蔡谢杨戴赵邵夏卢章"
FAMILY_EN = "Chen Lin Huang Zheng Ye Wang Li Zhang Zhou Wu Xu Zhu Hu Jin Pan Cai Xie Yang Dai Zhao Shao Xia Lu Zhang"
GIVEN = (
    ("建国", "Jianguo"),
    ("志强", "Zhiqiang"),
    ("晓峰", "Xiaofeng"),
    ("海燕", "Haiyan"),
    ("静怡", "Jingyi"),
    ("丽娜", "Lina"),
    ("浩然", "Haoran"),
)
EMPLOYERS = (
    ("青岚机电安装队", "Qinglan Electrical Crew"),
    ("雁声技工学校", "Geesong Technical School"),
    ("望江供电所", "Riverview Power Station"),
)
TRADE = {"zh": "维修电工", "en": "Maintenance electrician"}
STAGES: Sequence[Json] = (
    {"id": "quiz", "name": {"zh": "理论抢答", "en": "Quiz"}, "points": "10"},
    {"id": "wiring", "name": {"zh": "配盘接线", "en": "Panel wiring"}, "points": "15.5"},
    {"id": "fault", "name": {"zh": "故障排查", "en": "Fault finding"}, "points": "20"},
    {"id": "insulation", "name": {"zh": "绝缘测试", "en": "Insulation test"}, "points": "12"},
    {"id": "plc", "name": {"zh": "PLC 编程", "en": "PLC programming"}, "points": "25"},
    {"id": "final", "name": {"zh": "通电调试", "en": "Power-up"}, "points": "17.5"},
)


def people(count: int) -> list[Json]:
    """So many contestants with everything that can be known of them, of both venues in turn."""
    dice = random.Random(7)
    found = []
    for index in range(count):
        at, (given, given_en), (employer, employer_en) = index % len(FAMILY), dice.choice(GIVEN), dice.choice(EMPLOYERS)
        number = f"{'AB'[index % 2]}{index // 2 + 1:03}"
        name = {"zh": FAMILY[at] + given, "en": f"{FAMILY_EN.split()[at]} {given_en}"}
        found.append(
            {"id": number, "venue": evening.VENUES[index % 2]["id"], "name": name, "number": number[1:], "trade": TRADE}
            | {"employer": {"zh": employer, "en": employer_en}}
        )
    return found


def story(everybody: Sequence[Json], stages: Sequence[Json], until_s: float) -> list[Json]:
    """What their devices tell until then, in the order of time."""
    dice = random.Random(11)
    told: list[Json] = []
    for index, each in enumerate(everybody):
        at_s = 100.0 + dice.random() * 300
        for number, stage in enumerate(stages):
            at_s += until_s / len(stages) * (0.45 + 0.75 * dice.random() + 0.3 * index / len(everybody))
            if at_s > until_s:
                break
            if dice.random() < 0.2:
                told.append(outcome("rejected", each["id"], stage["id"], at_s - 30, attempt="0"))
            told.append(clear(each["id"], stage["id"], round(at_s + number / 10)))
    return sorted(told, key=lambda one: one["at_s"])


def played(hall: Hall, count: int = 36, stages: Sequence[Json] = STAGES, until_s: float = 4_800, **about: object) -> Contest:
    """A contest that is under way."""
    contest = hall.contest(minutes_ago=90, people=people(count), stages=stages, **about)
    contest.tell(*story(people(count), stages, until_s))
    return contest
