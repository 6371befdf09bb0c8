"""A ruling in a few words of both languages, for lists and logs. The pages word everything else themselves."""

from __future__ import annotations

from contest_server.core.acts import (
    Action,
    Annul,
    Confirm,
    Disqualify,
    Hold,
    Override,
    Penalise,
    Reinstate,
    Remove,
    Reopen,
    Rerun,
    SendBack,
    SetStatus,
    Step,
    Undo,
)
from contest_server.core.times import text_of_us

STATUS_ZH = {
    "ok": "正常",
    "overtime": "超时",
    "dnf": "未完成",
    "dsq": "取消资格",
    "dns": "未参赛",
    "withdrawn": "弃权",
    "guest": "表演",
    "accepted": "通过",
    "rejected": "未通过",
    "free": "不计次",
    "registered": "已登记",
    "called": "已检录",
    "ready": "已就位",
}
_PLAIN: dict[type, tuple[str, str]] = {
    Confirm: ("确认判定", "judgement confirmed"),
    Annul: ("判无效", "attempt annulled"),
    Reinstate: ("恢复", "attempt reinstated"),
    Rerun: ("准许重做", "re-run granted"),
    SendBack: ("退回赛区", "sent back to the venue"),
    Reopen: ("启封最终成绩", "final result reopened"),
}


def summary_of(action: Action) -> dict[str, str]:
    """What the ruling does: {"zh": …, "en": …}."""
    zh, en = _PLAIN.get(type(action)) or _with_values(action)
    return {"zh": zh, "en": en}


def _with_values(action: Action) -> tuple[str, str]:
    match action:
        case Override(aspect=aspect, marks=str(marks)):
            what = aspect or ""
            return f"改判{what and f' {what}'}:{marks} 分", f"overridden{what and f' {what}'}: {marks} marks"
        case Override(outcome=outcome):
            return f"改判结果:{STATUS_ZH.get(str(outcome), outcome)}", f"outcome overridden: {outcome}"
        case Penalise():
            return _penalty(action)
        case Disqualify(aspect=aspect):
            return f"取消资格{(aspect and f' {aspect}') or ''}", f"disqualified{(aspect and f' from {aspect}') or ''}"
        case SetStatus(status=status):
            return f"状态:{STATUS_ZH[status]}", f"status {status}"
        case Hold(from_us=since):
            return f"暂停判分,自 {text_of_us(since)}", f"judging held from {text_of_us(since)}"
        case Remove(from_us=begin, to_us=end):
            return f"扣除时段 {text_of_us(begin)} – {text_of_us(end)}", f"interval {text_of_us(begin)} – {text_of_us(end)} removed"
        case Step(to=to):
            return STATUS_ZH[to], to
        case Undo(act=act):
            return f"撤销 {act}", f"{act} undone"
        case _:
            raise AssertionError(f"no words for {action}")


def _penalty(penalty: Penalise) -> tuple[str, str]:
    """Negative amounts are given back (补时, 补分)."""
    zh, en = [], []
    if penalty.marks.strip("-0.") != "":
        given = penalty.marks.startswith("-")
        zh.append(f"{'补分' if given else '罚分'} {penalty.marks.lstrip('-')}")
        en.append(f"{penalty.marks.lstrip('-')} marks {'given back' if given else 'taken'}")
    if penalty.time_ms:
        seconds = f"{abs(penalty.time_ms) / 1000:g}"
        zh.append(f"{'补时' if penalty.time_ms < 0 else '罚时'} {seconds} 秒")
        en.append(f"{seconds} s {'given back' if penalty.time_ms < 0 else 'added'}")
    return ",".join(zh), ", ".join(en)
