"""A contest out of its whole ledger: all entries are read first and judged once at the end, in turns, so that other contests go on."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Container, Sequence

from contest_server.core.acts import Published
from contest_server.core.checkpoint import Checkpoint, NotACheckpoint, check, taking_over
from contest_server.core.contest import Contest
from contest_server.core.facts import Entry, Frozen
from contest_server.live.turns import Turns

REMEMBERED = (Frozen, Published)
"""What makes a contest settle to remember its board as it is then."""

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
    """Take in all pages, a new contest's first ones, and judge and settle all but what the checkpoint holds, in turns.

    At the positions `look_at`, none of them before the checkpoint's, all is judged and settled for somebody to `look`.

    Raises:
        NotACheckpoint: it is wrong. The contest is good for nothing then.
    """
    turns = Turns()
    contest.waits = checkpoint is not None
    async for page in pages:
        for entry in page:
            if isinstance(entry.fact, REMEMBERED):
                await _settle(contest, turns)
            await turns.through(contest.advancing(entry))
            if checkpoint is not None and entry.position == checkpoint.boards.position:
                await turns.through(taking_over(contest, checkpoint))
                await _settle(contest, turns)
                check(contest, checkpoint)
            if entry.position in look_at:
                await _settle(contest, turns)
                await look(contest)
            if not entry.position % 500:
                await turns.next()
    if contest.waits:
        raise NotACheckpoint("the ledger ends before it")
    await _settle(contest, turns)


async def _settle(contest: Contest, turns: Turns) -> None:
    """Settle what was read, and make the texts of all rows, which whoever looks asks for at once."""
    await turns.through(contest.settle_in_pieces({}))
    for row in list(contest.rows.values()):
        row.json  # noqa: B018 - it is made once
        await turns.next()
