"""Why a result cannot be final yet (E13): every reason, in both languages, with what it is about. Empty means it may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from contest_server.core.acts import HandedOver
from contest_server.core.appeals import appeals_of, deadline_us
from contest_server.core.contest import Contest
from contest_server.core.corrections import signoffs_of
from contest_server.core.ids import SourceId, VenueId
from contest_server.core.questions import questions_of
from contest_server.core.sampling import begun, recheck_is_done, samples_of
from contest_server.core.times import text_of_us

ROLES_ZH: Mapping[str, str] = {"contestant": "选手", "referee": "裁判", "chief": "裁判长"}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `about` names what it is about, for a link: contestant, stage, ruling, appeal, venue."""

    code: str
    detail: str
    detail_zh: str
    about: dict[str, str] = field(default_factory=dict)


def reasons_against_finalising(contest: Contest, now_us: int) -> list[Reason]:
    """Everything that has to happen first."""
    if contest.bench is None:
        return [Reason("no_definition", "no definition has been adopted", "尚未导入竞赛定义")]
    return [*_unfinished(contest, now_us), *_unanswered(contest), *_undecided(contest, now_us), *_unproven(contest)]


def _unfinished(contest: Contest, now_us: int) -> Iterator[Reason]:
    if contest.clock.phase(now_us) != "ended":
        yield Reason("running", "the contest has not ended", "比赛尚未结束")
    yield from _unjudged(contest)
    if contest.frozen is not None:
        yield Reason("frozen", "the public board is still frozen", "公众榜仍处于封榜状态")
    layer = contest.office.codes.next_to_reveal
    if layer:
        yield Reason("blind_codes", f"layer {layer} of the blind codes is not revealed", f"第 {layer} 层加密号尚未解密")


def _unjudged(contest: Contest) -> Iterator[Reason]:
    pending = sorted(
        (who, stage, cell.pending) for who, sheet in contest.sheets.items() for stage, cell in sheet.cells.items() if cell.pending
    )
    if pending:
        who, stage, _ = pending[0]
        count = sum(each for _, _, each in pending)
        detail_zh = f"{count} 次尝试尚未判定,首个为 {who}/{stage}"
        about = {"contestant": str(who), "stage": str(stage)}
        yield Reason("unjudged", f"{count} attempts are unjudged, the first is {who} at {stage}", detail_zh, about)


def _unanswered(contest: Contest) -> Iterator[Reason]:
    answers = contest.office.rulings.answers()
    blocking = [flag for flag in questions_of(contest) if flag.severity == "block" and flag.key not in answers]
    if blocking:
        first = blocking[0]
        about = {name: str(value) for name, value in (("contestant", first.contestant), ("stage", first.stage)) if value}
        detail = f"{len(blocking)} blocking questions are open, the first: {first.code}: {first.detail}"
        yield Reason("blocking_flags", detail, f"{len(blocking)} 个阻断性疑点待处理,首个:{first.code}", about)


def _undecided(contest: Contest, now_us: int) -> Iterator[Reason]:
    for ruling in contest.office.rulings.waiting():
        yield Reason(
            "waiting_second", f"ruling {ruling.id} waits for a second person", f"裁定 {ruling.id} 等待复核人", {"ruling": ruling.id}
        )
    for appeal in appeals_of(contest):
        if appeal.is_open:
            name = appeal.filed.id
            yield Reason("appeal_open", f"appeal {name} is open ({appeal.state})", f"申诉 {name} 尚未结案", {"appeal": name})
    yield from _appeal_window(contest, now_us)


def _appeal_window(contest: Contest, now_us: int) -> Iterator[Reason]:
    """Where there is a window for appeals, it has to have been open: it begins with the first publication."""
    assert contest.definition is not None
    until_us = deadline_us(contest)
    if until_us is not None and now_us < until_us:
        until = text_of_us(until_us)
        yield Reason("appeal_window", f"appeals may be filed until {until}", f"申诉期尚未结束,截止 {until}")
    elif until_us is None and contest.definition.referees.appeal_minutes is not None:
        yield Reason("not_published", "the result is not published, so the time for appeals has not begun", "成绩尚未公布,申诉期未开始")


def _unproven(contest: Contest) -> Iterator[Reason]:
    assert contest.definition is not None
    policy = contest.definition.referees
    yield from _unsynced(contest)
    everybody = begun(contest)
    if policy.recheck_required and not recheck_is_done(samples_of(contest), everybody):
        yield Reason("recheck", "the recheck sample is not done", "抽查复核尚未完成")
    signed = {(each.signed.contestant, each.signed.role) for each in signoffs_of(contest) if each.valid}
    for role in policy.sign_off:
        missing = [who for who in everybody if (who, role) not in signed]
        if missing:
            detail = f"{len(missing)} of {len(everybody)} results are not signed by the {role}, the first is {missing[0]}"
            detail_zh = f"{len(missing)} 份成绩缺少签字({ROLES_ZH[role]}),首个为 {missing[0]}"
            yield Reason("sign_off", detail, detail_zh, {"role": role, "contestant": str(missing[0])})


def handovers_of(contest: Contest) -> dict[VenueId, dict[SourceId, int]]:
    """The latest statement of each venue about how many events its devices sent."""
    return {filed.act.venue: filed.act.counts for filed in contest.office.of(HandedOver) if isinstance(filed.act, HandedOver)}


def missing_events(contest: Contest) -> dict[VenueId, int]:
    """How many events each venue stated that are not here."""
    here = {source: state.last_seq for source, state in contest.sources.items()}
    stated = handovers_of(contest)
    return {venue: sum(max(0, count - here.get(source, 0)) for source, count in counts.items()) for venue, counts in stated.items()}


def _unsynced(contest: Contest) -> Iterator[Reason]:
    assert contest.definition is not None
    stated = missing_events(contest)
    for venue in contest.definition.venues:
        name = VenueId(venue.id)
        if missing := stated.get(name, 0):
            yield Reason(
                "unsynced", f"{missing} events of {name} have not arrived", f"赛区 {name} 还有 {missing} 条事件未同步", {"venue": name}
            )
        elif name not in stated and contest.definition.referees.handover_required:
            yield Reason("not_handed_over", f"{name} has not handed over", f"赛区 {name} 尚未交接", {"venue": name})
