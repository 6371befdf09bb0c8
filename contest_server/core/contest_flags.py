"""Every question that judging a contest leads to: about each contestant, each stage, the contest as a whole, and events that fit nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from contest_server.core.bench import Bench
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, Entry, Event, StageId
from contest_server.core.field_flags import Questions
from contest_server.core.flags import Flag
from contest_server.core.outside import RULE as OUTSIDE
from contest_server.core.saying import Said
from contest_server.core.surveys import Surveyed, survey_flags
from contest_server.core.ties import play_offs


def flags_of(contest: Contest, surveys: Sequence[Flag] | None = None, stages: Mapping[StageId, Questions] | None = None) -> list[Flag]:
    """Every question for the referees: of each contestant, and events that fit nobody. `surveys` are the questions about the contest as
    a whole, and `stages` those about several contestants at a stage, where somebody asked for them already. Once the result is final nobody
    is asked about the contest's time: no ruling can follow.
    """
    if contest.bench is None:
        return []
    found = [_unmatched_flag(contest, entry) for entry in contest.unmatched]
    found += [_after_final_flag(entry) for entry in contest.after_final]
    for sheet in contest.sheets.values():
        if sheet.base:
            found += [flag for flag in sheet.flags(contest.bench) if not (contest.final and flag.rule == OUTSIDE)]
    for stage in contest.fields:
        found += field_flags(contest, stage, None if stages is None else stages.get(stage))
    return [*found, *_play_off_flags(contest), *(_survey_flags(contest, contest.bench) if surveys is None else surveys)]


def field_flags(contest: Contest, stage: StageId, asked: Questions | None = None) -> Sequence[Flag]:
    """The questions about a stage that concern several contestants (`asked` already, or not). What is final is no longer provisional."""
    questions = contest.fields[stage].opinions() if asked is None else asked
    if not contest.final:
        return questions.flags
    return [flag for flag, (_, _, opinion) in zip(questions.flags, questions, strict=True) if opinion.code != "provisional"]


def keep_survey(contest: Contest, moves: int, bench: Bench, found: Sequence[Flag]) -> None:
    """Let the contest keep what a survey of this state found, until a row, the rules or the officials change; of another state it is worth
    nothing.
    """
    if moves == contest.moves and bench is contest.bench:
        contest.surveyed = moves, bench, found


def _survey_flags(contest: Contest, bench: Bench) -> Sequence[Flag]:
    """Questions about the contest as a whole."""
    kept = contest.surveyed
    if kept is not None and kept[0] == contest.moves and kept[1] is bench:
        return kept[2]
    records = {who: surveyed(contest, who, bench) for who in contest.rows}
    found = survey_flags(bench.book, records, bench.book.definition.officials, contest.memory)
    keep_survey(contest, contest.moves, bench, found)
    return found


def surveyed(contest: Contest, contestant: ContestantId, bench: Bench) -> Surveyed:
    """What surveys see of a contestant."""
    row = contest.rows[contestant].row
    return Surveyed(contest.record(contestant, bench), row.status, row.key, row.time_ms)


def _play_off_flags(contest: Contest) -> Iterator[Flag]:
    """Ties at a place that `[ties]` wants decided (D4), among those who have begun."""
    ties = contest.definition.ties if contest.definition else None
    if ties is None or ties.play_off is None:
        return
    begun = [each for each in contest.ranking if contest.sheets[each].status == "ok" and contest.sheets[each].cells]
    ranks = [rank for each in begun if (rank := contest.ranking.rank_of(each)) is not None]
    for rank, count in play_offs(ranks, ties.play_off):
        detail = Said(
            "{count} contestants share rank {rank}: {begun}; a play-off decides",
            count=count,
            rank=rank,
            begun=begun[ranks.index(rank) :][:count],
        )
        yield Flag("play_off", "review", "ties", None, None, f"rank {rank}", detail, ties.play_off, rank)


def _unmatched_flag(contest: Contest, entry: Entry) -> Flag:
    event = entry.fact
    assert isinstance(event, Event)
    known = event.contestant in contest.sheets
    code, what = ("unknown_stage", event.stage) if known else ("unknown_contestant", event.contestant)
    flag = Flag(
        code,
        "review",
        "unmatched",
        event.contestant,
        None
        if known
        else event.stage,  # at a stage that there is not, nobody has work that could be opened: a question about the contestant
        f"event {event.source}#{event.seq}",
        Said("{what!r} is not in the definition; the event is kept and counts as soon as a definition knows it", what=what),
        events=(f"{event.source}#{event.seq}",),
    )
    return replace(flag, seen=what)  # the key stays what it was before flags told this


def _after_final_flag(entry: Entry) -> Flag:
    event = entry.fact
    assert isinstance(event, Event)
    name = f"event {event.source}#{event.seq}"
    detail = Said("arrived after the result was declared final; it is kept, and does not count")
    return Flag("after_final", "block", "final", event.contestant, event.stage, name, detail, events=(f"{event.source}#{event.seq}",))
