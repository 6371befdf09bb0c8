"""Work outside of the contest's time: begun or decided before it, or handed in after it. It counts, and a referee is asked."""

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
WRONG_TIME = Said("Compare the device's clock with the paper record: annul the attempt, or have it sent again with the right time.")
TOO_LATE = Said("Find out whether more time was granted: confirm the attempt, or annul it.")


def outside(attempts: Sequence[Attempt], entries: Sequence[Entry], bench: Bench) -> Iterator[tuple[Attempt, Opinion]]:
    """Questions about these attempts, which count; `entries` are the events of their contestant and stage, and those that name no stage."""
    if RULE in bench.book.definition.doubts_defaults.off:
        return
    end_ms = bench.clock.end_ms
    for attempt in attempts:
        if attempt.outcome is None:
            continue
        if (early_ms := _early_ms(attempt, entries, bench)) > bench.policy.max_offset_ms:
            detail = Said("begun or decided {early:ms} before the contest began: its time counts from there", early=early_ms)
            yield attempt, Opinion(Doubt.QUESTIONABLE, detail, "before_start", bench.policy.max_offset_ms, early_ms, suggestion=WRONG_TIME)
        if end_ms is not None and attempt.time_ms > end_ms:
            detail = Said("handed in at {time:ms}, after the end at {end:ms}", time=attempt.time_ms, end=end_ms)
            yield attempt, Opinion(Doubt.QUESTIONABLE, detail, "after_end", end_ms, attempt.time_ms, suggestion=TOO_LATE)


def _early_ms(attempt: Attempt, entries: Sequence[Entry], bench: Bench) -> int:
    """How long before the contest's start the first of its events was; 0 where none was, or nobody knows the start."""
    start_us = bench.clock.start_us
    if start_us is None or (attempt.time_ms and attempt.start_ms):
        return 0
    told = [_told_us(each.fact, attempt, bench) for each in entries if isinstance(each.fact, Event)]
    return max((start_us - at_us for at_us in told if at_us is not None), default=0) // 1000


def _told_us(event: Event, attempt: Attempt, bench: Bench) -> int | None:
    """When an event began the attempt, or told what came of it; None for others."""
    is_of_it = event.attempt == attempt.id if event.kind in DECISIVE else event.kind == "start" and event.attempt in (attempt.id, None)
    return corrected_us(event, bench.policy) if is_of_it else None
