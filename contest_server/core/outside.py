"""Work outside of the contest's time: begun or decided before it, handed in after it, or while the contestant's own clock stood still. It
counts, and a referee is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contest_server.core.attempts import DECISIVE
from contest_server.core.bench import Bench
from contest_server.core.clock import corrected_us
from contest_server.core.facts import Entry, Event
from contest_server.core.judging import Attempt, Doubt, Opinion
from contest_server.core.saying import Said

RULE = "contest_clock"
"""What `[doubts_defaults] off` calls these questions."""
EARLY_START_MS = 60_000
"""Who presses "start" with the whistle may be ahead of whoever starts the contest's clock by hand."""
WRONG_TIME = Said(
    "Compare the device's clock with the paper record: confirm the attempt; or annul it, and have it sent again as another attempt."
)
STOOD_STILL = Said(
    "Find out whether the work went on meanwhile: let the clock stop or start when it did, or annul the attempt; else confirm it."
)
TOO_LATE = Said("Find out whether more time was granted: confirm the attempt, or annul it.")


def outside(attempts: Sequence[Attempt], entries: Sequence[Entry], bench: Bench) -> Iterator[tuple[Attempt, Opinion]]:
    """Questions about these attempts, which count, in their order; `entries` are the events of their contestant and stage.

    How far a device may be off is no question, before the start as after the end. A start that names no attempt is one question.
    """
    if RULE in bench.book.definition.doubts_defaults.off:
        return
    end_ms, most_ms = bench.clock.end_ms, bench.policy.max_offset_ms
    for nth, attempt in enumerate(attempts):
        if attempt.outcome is None:
            continue
        if (early_ms := _early_ms(attempt, entries, bench, is_first=nth == 0)) > most_ms:
            detail = Said("begun or decided {early:ms} before the contest began: its time counts from there", early=early_ms)
            yield attempt, Opinion(Doubt.QUESTIONABLE, detail, "before_start", most_ms, early_ms, suggestion=WRONG_TIME)
        if end_ms is not None and attempt.time_ms > end_ms + most_ms:
            detail = Said("handed in at {time:ms}, after the end", time=attempt.time_ms)
            yield attempt, Opinion(Doubt.QUESTIONABLE, detail, "after_end", most_ms, attempt.time_ms, suggestion=TOO_LATE)
        if _while_stopped(attempt, entries, bench):
            detail = Said("handed in while the contestant's own clock stood still, at {time:ms}", time=attempt.time_ms)
            yield attempt, Opinion(Doubt.QUESTIONABLE, detail, "while_stopped", None, attempt.time_ms, suggestion=STOOD_STILL)


def _while_stopped(attempt: Attempt, entries: Sequence[Entry], bench: Bench) -> bool:
    """Whether it was handed in while an official had stopped the contestant's own clock."""
    stops = bench.office.stops_of(attempt.contestant)
    if not stops:
        return False
    events = [each.fact for each in entries if isinstance(each.fact, Event)]
    decisive = [corrected_us(each, bench.policy) for each in events if each.kind in DECISIVE and each.attempt == attempt.id]
    handed_in_us = min(decisive, default=None)
    return handed_in_us is not None and any(since < handed_in_us and (until is None or handed_in_us < until) for since, until in stops)


def _early_ms(attempt: Attempt, entries: Sequence[Entry], bench: Bench, *, is_first: bool) -> int:
    """How long before the contest's start the first of its events was; 0 where none was, or nobody knows the start."""
    start_us = bench.clock.start_us
    if start_us is None or (attempt.time_ms and attempt.start_ms):
        return 0
    told = [_told_us(each.fact, attempt, bench, is_first=is_first) for each in entries if isinstance(each.fact, Event)]
    early = ((start_us - at_us) // 1000 for at_us in told if at_us is not None)
    return max(early, default=0)


def _told_us(event: Event, attempt: Attempt, bench: Bench, *, is_first: bool) -> int | None:
    """When an event told what came of the attempt, or began it much too early; None for others."""
    at_us = corrected_us(event, bench.policy)
    if event.kind in DECISIVE:
        return at_us if event.attempt == attempt.id else None
    begins = event.kind == "start" and (event.attempt == attempt.id or (event.attempt is None and is_first))
    spared_us = (bench.clock.start_us or 0) - EARLY_START_MS * 1000
    return at_us if begins and at_us < spared_us else None
