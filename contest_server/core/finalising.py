"""Why a result cannot be final yet (E13): every reason, with what it is about. Empty means it may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from contest_server.core.acts import HandedOver
from contest_server.core.appeals import appeals_of, deadline_us
from contest_server.core.contest import Contest
from contest_server.core.corrections import signoffs_of
from contest_server.core.flags import Flag
from contest_server.core.ids import SourceId, VenueId
from contest_server.core.questions import questions_of
from contest_server.core.sampling import begun, recheck_is_done, samples_of
from contest_server.core.saying import Coded, Said
from contest_server.core.times import text_of_us
from contest_server.core.unmarked import MISSING_MARK, unmarked

UNMARKED_TOLD_MAX = 10
"""So many works that lack marks are named, and how many more there are."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `about` names what it is about, for a link: contestant, stage, ruling, appeal, venue."""

    code: str
    detail: Said
    about: dict[str, str] = field(default_factory=dict)


def reasons_against_finalising(contest: Contest, now_us: int, questions: Sequence[Flag] | None = None) -> list[Reason]:
    """Everything that has to happen first. `questions` are those of the contest, where somebody asked for them already."""
    if contest.bench is None:
        return [Reason("no_definition", Said("no definition has been adopted"))]
    return [*_unfinished(contest, now_us), *_unanswered(contest, questions), *_undecided(contest, now_us), *_unproven(contest)]


def _unfinished(contest: Contest, now_us: int) -> Iterator[Reason]:
    if contest.clock.phase(now_us) != "ended":
        yield Reason("running", Said("the contest has not ended"))
    yield from _unjudged(contest)
    yield from _stopped(contest)
    if contest.frozen is not None:
        yield Reason("frozen", Said("the public board is still frozen"))
    layer = contest.office.codes.next_to_reveal
    if layer:
        yield Reason("blind_codes", Said("layer {layer} of the blind codes is not revealed", layer=layer))


def _unjudged(contest: Contest) -> Iterator[Reason]:
    pending = sorted(
        (who, stage, cell.pending) for who, sheet in contest.sheets.items() for stage, cell in sheet.cells.items() if cell.pending
    )
    if pending:
        who, stage, _ = pending[0]
        count = sum(each for _, _, each in pending)
        detail = (
            Said("1 attempt is unjudged, that of {contestant} at {stage}", contestant=who, stage=stage)
            if count == 1
            else Said("{count} attempts are unjudged, the first is {contestant} at {stage}", count=count, contestant=who, stage=stage)
        )
        about = {"contestant": str(who), "stage": str(stage)}
        yield Reason("unjudged", detail, about)


def _stopped(contest: Contest) -> Iterator[Reason]:
    """Whose own clock was stopped and never started: whatever they hand in later has the time of the stop."""
    for who, since_us in contest.office.never_started().items():
        detail = Said(
            "the clock of {contestant} stands still since {since}; say when it goes on", contestant=who, since=text_of_us(since_us)
        )
        yield Reason("clock_stopped", detail, {"contestant": str(who)})


def _unanswered(contest: Contest, questions: Sequence[Flag] | None) -> Iterator[Reason]:
    answers = contest.office.rulings.answers()
    asked = questions_of(contest) if questions is None else questions
    blocking = [flag for flag in asked if flag.severity == "block" and flag.key not in answers]
    if blocking:
        first = blocking[0]
        about = {name: str(value) for name, value in (("contestant", first.contestant), ("stage", first.stage)) if value}
        code, count = Coded("code", first.code), len(blocking)
        detail = (
            Said("1 blocking question is open: {code}: {detail}", code=code, detail=first.detail)
            if count == 1
            else Said("{count} blocking questions are open, the first: {code}: {detail}", count=count, code=code, detail=first.detail)
        )
        yield Reason("blocking_flags", detail, about)
    yield from _unmarked(contest, asked)


def _unmarked(contest: Contest, questions: Sequence[Flag]) -> Iterator[Reason]:
    """Each mark that is missing of work that counts, by name. Who does not want to wait for it decides about the work, with a reason."""
    found = list(unmarked(contest, questions))
    for each in found[:UNMARKED_TOLD_MAX]:
        detail = Said("{contestant} at {stage}: {detail}", contestant=each.contestant, stage=each.stage, detail=each.detail)
        yield Reason(MISSING_MARK, detail, {"contestant": str(each.contestant), "stage": str(each.stage)})
    if len(found) > UNMARKED_TOLD_MAX:
        more = len(found) - UNMARKED_TOLD_MAX
        yield Reason(MISSING_MARK, Said("marks are missing at {more} more works", more=more))


def _undecided(contest: Contest, now_us: int) -> Iterator[Reason]:
    for ruling in contest.office.rulings.waiting():
        whose = {} if ruling.contestant is None else {"contestant": str(ruling.contestant)}
        yield Reason("waiting_second", Said("ruling {ruling} waits for a second person", ruling=ruling.id), {"ruling": ruling.id} | whose)
    for appeal in appeals_of(contest):
        if appeal.is_open:
            name = appeal.filed.id
            detail = Said("appeal {appeal} is open ({state})", appeal=name, state=Coded("appeal", appeal.state))
            yield Reason("appeal_open", detail, {"appeal": name, "contestant": str(appeal.filed.contestant)})
    yield from _appeal_window(contest, now_us)


def _appeal_window(contest: Contest, now_us: int) -> Iterator[Reason]:
    """Where there is a window for appeals, it has to have been open: it begins with the first publication."""
    assert contest.definition is not None
    until_us = deadline_us(contest)
    if until_us is not None and now_us < until_us:
        until = text_of_us(until_us)
        yield Reason("appeal_window", Said("appeals may be filed until {until}", until=until))
    elif until_us is None and contest.definition.referees.appeal_minutes is not None:
        yield Reason("not_published", Said("the result is not published, so the time for appeals has not begun"))


def _unproven(contest: Contest) -> Iterator[Reason]:
    assert contest.definition is not None
    policy = contest.definition.referees
    yield from _unsynced(contest)
    everybody = begun(contest)
    if policy.recheck_required and not recheck_is_done(samples_of(contest), everybody):
        yield Reason("recheck", Said("the recheck sample is not done"))
    signed = {(each.signed.contestant, each.signed.role) for each in signoffs_of(contest) if each.valid}
    for role in policy.sign_off:
        missing = [who for who in everybody if (who, role) not in signed]
        if missing:
            detail = Said(
                "not signed by the {role}: {missing} of {all} results, the first is {first}",
                missing=len(missing),
                all=len(everybody),
                role=Coded("signed", role),
                first=missing[0],
            )
            yield Reason("sign_off", detail, {"role": role, "contestant": str(missing[0])})


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
            detail = (
                Said("1 event of {venue} has not arrived", venue=name)
                if missing == 1
                else Said("{missing} events of {venue} have not arrived", missing=missing, venue=name)
            )
            yield Reason("unsynced", detail, {"venue": name})
        elif name not in stated and contest.definition.referees.handover_required:
            yield Reason("not_handed_over", Said("{venue} has not handed over", venue=name), {"venue": name})
