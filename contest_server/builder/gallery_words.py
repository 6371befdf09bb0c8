"""The words of the gallery that belong to no single rule: its groups, and the measures that an order is made of."""

from __future__ import annotations

from collections.abc import Mapping

GROUPS: Mapping[str, tuple[str, str]] = {
    "measurement": ("测量与检查", "Measuring and checking"),
    "answers": ("答题与查找", "Answers and findings"),
    "procedure": ("操作过程", "Procedure"),
    "panel": ("裁判评分", "Referees' marks"),
    "time": ("用时", "Time"),
    "attempts": ("尝试次数", "Attempts"),
    "gate": ("闯关条件", "What opens a stage"),
    "charge": ("罚分与罚时", "Penalties"),
    "bonus": ("加分", "Bonuses"),
    "total": ("总分算法", "How points add up"),
    "conversion": ("换算", "Other figures"),
    "question": ("自动提问", "Questions to referees"),
    "survey": ("全场核查", "Questions about the whole contest"),
    "other": ("其他规则", "Other rules"),
}
"""In the order in which a page shows them."""
MEASURES: Mapping[str, tuple[str, str]] = {
    "points": ("总分高者在前", "more points first"),
    "time_ms": ("用时少者在前", "less time first"),
    "cleared": ("过关多者在前", "more stages cleared first"),
    "last_ms": ("最后一关完成早者在前", "an earlier last clear first"),
    "furthest": ("走得更远者在前", "who got further first"),
    "furthest_ms": ("到达最远一关早者在前", "who reached the furthest stage earlier first"),
    "work_ms": ("实际操作时间短者在前", "less working time first"),
    "penalty_ms": ("罚时少者在前", "less penalty time first"),
    "countback": ("逐项比较最好成绩", "the best stage, then the second best, …"),
    "countback_last": ("从最后一关往前逐关比较", "the last stage, then the one before it, …"),
}
