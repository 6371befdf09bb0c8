"""Who has left leaves nothing that only the collector of cycles would find: it looks seldom, and holds everybody up when it does."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

from contest_server.live.seats import Seat
from contest_server.live.stand import Stand
from contest_server.live.view_log import ViewLog
from contest_server.web.crowd_door import Usher, Visit
from contest_server.web.hub import DisplaySocket
from tests.web.places import served
from tests.web.raw import CLOSE, frame, socket_at
from tests.web.test_crowd_door import BOARD, DEFLATE

SOON_S = 30.0
OURS = Usher, DisplaySocket, Visit, Seat, Stand, ViewLog
"""What a display is made of, and what its view is."""
COMES: dict[str, tuple[str, str | None, str]] = {
    "in a crowd": ("", None, ""),
    "in a crowd, deflated": ("?view=top:2", None, DEFLATE),
    "with a token": ("", "staff", ""),
    "and is refused": ("?view=top:0", None, ""),
}


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("with_a_word", [True, False])
@pytest.mark.parametrize(("query", "who", "extra"), COMES.values(), ids=COMES)
async def test_a_display_that_has_left_is_gone(query: str, who: str | None, extra: str, with_a_word: bool) -> None:
    async with served() as place:
        await place.open()
        before = left()
        async with socket_at(place, BOARD + query, who, extra) as raw:
            await raw.frame()
            if with_a_word:
                await raw.say(frame(b"", CLOSE))
        await until_nothing_is_left(before)


def left() -> int:
    return sum(isinstance(each, OURS) for each in gc.get_objects())


async def until_nothing_is_left(before: int) -> None:
    async with asyncio.timeout(SOON_S):
        while left() > before:  # noqa: ASYNC110 - nobody tells when memory is given back
            await asyncio.sleep(0.01)
