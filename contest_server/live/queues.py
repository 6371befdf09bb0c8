"""The review queue of a contest: made once after a change for however many referees look, and only while somebody does.

It never holds up the desk: judges are asked in short turns, surveys in a thread. Under load it is made more rarely.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from time import perf_counter
from typing import Any

import msgspec
import structlog

from contest_server.core.appeals import appeals_of
from contest_server.core.bench import Bench
from contest_server.core.contest import Contest
from contest_server.core.contest_flags import keep_survey, surveyed
from contest_server.core.fields import Questions, StageField
from contest_server.core.flags import Flag
from contest_server.core.ids import ContestantId, OfficialId, StageId
from contest_server.core.questions import questions_of
from contest_server.core.reviews import Case, grouped, in_order, summary_of
from contest_server.core.surveys import Memory, Surveyed, survey_flags
from contest_server.core.times import text_of_us
from contest_server.live.leases import Leases, Looked
from contest_server.live.shared_work import SharedWork
from contest_server.live.turns import Turns
from contest_server.wire.reviews import CaseRow, Lease, QueueMessage
from contest_server.wire.ruling_documents import ruling_document

log = structlog.get_logger()

LOOK_EVERY_S = 0.5
REST_FOR_WORK = 4
REST_MAX_S = 3.0
"""So many times as long as a look took, the next one waits; no longer than this, though."""
SURVEY_REST_FOR_WORK = 20
Aside = Callable[..., Awaitable[Any]]
"""Does work where it holds up nobody: calls a function with what follows it."""
CASES_MAX = 500
WAITING_MAX = 200
KEYS_MAX = 1_000


class ReviewQueue:
    """The last message, and whether it is still true. `revision` grows whenever another message is made."""

    def __init__(self, contest: Contest, now_us: Callable[[], int], aside: Aside = asyncio.to_thread) -> None:
        self.leases = Leases()
        self.revision = 0
        self.text = ""
        self.cases: Sequence[Case] = ()
        self.asked: Sequence[Flag] | None = None
        """Every question, as it was when somebody looked last; None: nobody has, or it failed."""
        self.looked = asyncio.Event()
        """Set, and replaced, whenever somebody has looked whether the queue moved."""
        self._contest = contest
        self._now_us = now_us
        self._wanted = asyncio.Event()
        self._watchers = 0
        self._closed = False
        self._begun = self._done = 0
        self._seen: tuple[int, int] | None = None
        self._looks: Mapping[OfficialId, Looked] = {}
        self._is_made, self._said = False, b""
        self._surveys, self._aside = Surveys(contest, aside), aside
        self._asking = SharedWork[StageField, tuple[int, Questions]]()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """The queue is kept up to date inside this block."""
        self._watchers += 1
        self._wanted.set()
        try:
            yield
        finally:
            self._watchers -= 1
            if self._watchers == 0:
                self._wanted.clear()

    @property
    def asked_last(self) -> tuple[int, Sequence[Flag]] | None:
        """What was `asked`, with the position as of which it was."""
        return None if self.asked is None or self._seen is None else (self._seen[0], self.asked)

    @property
    def is_wanted(self) -> bool:
        """Whether somebody wants it kept up to date."""
        return self._watchers > 0

    async def fresh(self, within_s: float | None = None) -> bool:
        """Return once nothing that had happened before the call is missing; or once the desk has closed; or once this time is over, with
        what was found before. False: nobody has looked yet.
        """
        if self._is_current:
            self._tell()
            return True
        with self.watching(), suppress(TimeoutError):
            begun = self._begun
            async with asyncio.timeout(within_s):
                while self._done <= begun and not self._closed:
                    await self.looked.wait()
        return self._done > 0 or self._closed

    async def questions(self, *, lately: bool = False) -> list[Flag]:
        """Every question of the contest as it is now. `lately`: those about the contest as a whole, which are work, as they were found not
        long ago, like in the queue.
        """
        await self._ask_judges()
        stages, surveys = await self._ask_about_stages(), await (self._surveys.lately() if lately else self._surveys.now())
        return questions_of(self._contest, surveys, stages)

    async def surveys(self) -> Sequence[Flag]:
        """The questions about the contest as a whole, as they were found not long ago."""
        return await self._surveys.lately()

    async def run(self) -> None:
        """Look again and again while somebody wants it, until cancelled."""
        while True:
            await self._wanted.wait()
            since_s = perf_counter()
            self._begun += 1
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - the contest goes on without its queue; the log says what is wrong
                self.asked = None
                log.error(
                    "the review queue cannot be made",
                    contest=self._contest.id,
                    position=self._contest.position,
                    reason=f"{type(error).__name__}: {error}"[:400],
                )
            self._done = self._begun
            self._wake()
            await asyncio.sleep(max(LOOK_EVERY_S, min(REST_MAX_S, REST_FOR_WORK * (perf_counter() - since_s))))

    def close(self) -> None:
        """Nobody looks any more: let go who waits."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        self.looked.set()
        self.looked = asyncio.Event()

    @property
    def _is_current(self) -> bool:
        return self._seen == (self._contest.position, self._contest.moves) and not self._surveys.is_due

    async def _look(self) -> None:
        """Make the cases again if the contest moved, and another message if it says something else."""
        contest = self._contest
        if not self._is_current:
            seen = contest.position, contest.moves
            await self._ask_judges()
            stages, surveys = await self._ask_about_stages(), await self._surveys.lately()
            turns, cases, asked = Turns(), [], questions_of(contest, surveys, stages)
            for case in grouped(contest, asked):
                cases.append(case)
                await turns.next()
            self.cases, self.asked, self._seen, self._is_made = in_order(cases), asked, seen, False
        self._tell()

    async def _ask_judges(self) -> None:
        """Let every sheet have its questions ready. What is asked again after an adoption may take seconds of work."""
        turns, bench = Turns(), None
        while bench is not self._contest.bench:
            bench = self._contest.bench
            for sheet in list(self._contest.sheets.values()):
                if bench is None or bench is not self._contest.bench:
                    break
                if sheet.base:
                    sheet.flags(bench)
                await turns.next()

    async def _ask_about_stages(self) -> dict[StageId, Questions]:
        """What there is to ask about several contestants at each stage."""
        return {stage: await self._ask_about(field) for stage, field in list(self._contest.fields.items())}

    async def about_stage(self, stage: StageId) -> Questions:
        """What there is to ask about several contestants at this stage of the contest."""
        return await self._ask_about(self._contest.fields[stage])

    async def _ask_about(self, field: StageField) -> Questions:
        """The questions of a stage as it is now, or later. Where it moved, they are found once for all who ask."""
        since = field.changes
        while field.to_ask() is not None:
            changes, found = await self._asking.of(field, partial(self._ask_aside, field))
            if changes >= since:
                return found
        return field.opinions()

    async def _ask_aside(self, field: StageField) -> tuple[int, Questions]:
        """What is found, and of which state (`changes`). It is found aside: judges look at everybody's work."""
        ask, changes = field.to_ask(), field.changes
        if ask is None:
            return changes, field.opinions()
        found: Questions = await self._aside(ask)
        field.keep(changes, found)
        return changes, found

    def _tell(self) -> None:
        """Another message, if it says anything else but the position."""
        looks = self.leases.now(self._now_us())
        if self._is_made and looks == self._looks:
            return
        message = message_of(self._contest, self.cases, looks)
        said = msgspec.json.encode(msgspec.structs.replace(message, position=0))
        self._is_made, self._looks = True, looks
        if said != self._said:
            self.revision, self._said = self.revision + 1, said
            self.text = msgspec.json.encode(msgspec.structs.replace(message, revision=self.revision)).decode()


class Surveys:
    """The questions about the contest as a whole, asked in a thread: they may look at everybody's work at once."""

    def __init__(self, contest: Contest, aside: Aside) -> None:
        self._contest = contest
        self._aside = aside
        self._of: tuple[int, Bench | None] | None = None
        self._found: Sequence[Flag] = ()
        self._memory = Memory()
        self._took_s = 0.0
        self._ended_s = 0.0

    @property
    def is_due(self) -> bool:
        """Whether rows moved since the last time, and that was long enough ago."""
        rested = perf_counter() - self._ended_s >= SURVEY_REST_FOR_WORK * self._took_s
        return rested and not self._is_of(self._contest.moves, self._contest.bench)

    def _is_of(self, moves: int, bench: Bench | None) -> bool:
        return self._of is not None and self._of[0] == moves and self._of[1] is bench

    async def lately(self) -> Sequence[Flag]:
        """What was found now, or not long ago."""
        return await self.now() if self.is_due else self._found

    async def now(self) -> Sequence[Flag]:
        """What is found in the contest as it is."""
        contest, bench = self._contest, self._contest.bench
        if bench is None or self._is_of(contest.moves, bench):
            self._of = contest.moves, bench
            return self._found
        if self._of is None or self._of[1] is not bench:
            self._memory = Memory()
        of, memory, since_s = (contest.moves, bench), self._memory, perf_counter()
        found = await self._survey(bench, memory)
        keep_survey(contest, *of, found)
        self._of, self._found, self._ended_s = of, found, perf_counter()
        self._took_s = self._ended_s - since_s
        return found

    async def _survey(self, bench: Bench, memory: Memory) -> Sequence[Flag]:
        contest, turns = self._contest, Turns()
        records: dict[ContestantId, Surveyed] = {}
        for who in list(contest.rows):
            if contest.bench is not bench:
                return self._found  # everything is being judged anew; it is due again at once
            records[who] = surveyed(contest, who, bench)
            await turns.next()
        found: Sequence[Flag] = await self._aside(survey_flags, bench.book, records, bench.book.definition.officials, memory)
        return found


def message_of(contest: Contest, cases: Sequence[Case], looks: Mapping[OfficialId, Looked]) -> QueueMessage:
    """The queue as a message, without its revision."""
    waiting = [contest.office.acts[each.id] for each in contest.office.rulings.waiting()]
    appeals = sum(each.is_open for each in appeals_of(contest))
    return QueueMessage(
        revision=0,
        position=contest.position,
        total=len(cases),
        cases=[row_of(each) for each in cases[:CASES_MAX]],
        leases=[Lease(official, contestant, stage) for official, (contestant, stage) in looks.items()],
        waiting=[ruling_document(contest, each) for each in waiting[:WAITING_MAX]],
        counts={**summary_of(cases), "waiting": len(waiting), "appeals": appeals},
    )


def row_of(case: Case) -> CaseRow:
    """A case for the wire. `keys` are those of its questions, for an answer to all of them."""
    return CaseRow(
        key=case.key,
        contestant=case.contestant,
        stage=case.stage,
        attempt=case.attempt,
        severity=case.severity,
        codes=list(case.codes),
        flags=case.count,
        keys=[flag.key for flag in case.flags[:KEYS_MAX]],
        blocks=list(case.blocks),
        weight=case.weight,
        since=text_of_us(case.since_us),
        venue=case.venue,
        rank=case.rank,
        state=case.state,
        points=case.points,
        maximum=case.maximum,
        source=case.source,
        count=case.count,
    )
