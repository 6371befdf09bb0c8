"""A contest out of its whole ledger: all entries are read first and judged once at the end, in turns, so that other contests go on."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Container, Sequence

from contest_server.core.checkpoint import Checkpoint, NotACheckpoint, check, take_over
from contest_server.core.contest import Contest
from contest_server.core.facts import Entry
from contest_server.live.turns import Turns

SHEETS_A_TURN = 8

Look = Callable[[Contest], Awaitable[None]]


async def nothing(contest: Contest) -> None:
    pass


async def replay(
    contest: Contest,
    pages: AsyncIterable[Sequence[Entry]],
    checkpoint: Checkpoint | None = None,
    look_at: Container[int] = (),
    look: Look = nothing,
) -> None:
    """Take in all pages, a new contest's first ones, and judge all but what the checkpoint holds. What is left to `settle` is short.

    At the positions `look_at`, none of them before the checkpoint's, all is judged and settled for somebody to `look`.

    Raises:
        NotACheckpoint: it is wrong. The contest is good for nothing then.
    """
    turns = Turns()
    contest.waits = checkpoint is not None
    async for page in pages:
        for entry in page:
            contest.advance(entry)
            if checkpoint is not None and entry.position == checkpoint.boards.position:
                take_over(contest, checkpoint)
                await _judge(contest, turns)
                check(contest, checkpoint)
            if entry.position in look_at:
                await _judge(contest, turns)
                contest.settle()
                await look(contest)
            if not entry.position % 500:
                await turns.next()
    if contest.waits:
        raise NotACheckpoint("the ledger ends before it")
    await _judge(contest, turns)


async def _judge(contest: Contest, turns: Turns) -> None:
    while contest.judge_some(SHEETS_A_TURN):
        await turns.next()
