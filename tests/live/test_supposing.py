"""Of what is supposed of a contest there is one copy at a time, whoever asks, goes away or is refused; and it is let go in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator

import pytest

from contest_server.core import remaking
from contest_server.core.acts import Remove, Ruled
from contest_server.core.contest import Contest
from contest_server.core.denials import Denied
from contest_server.core.effects import Effect, effect_of
from contest_server.core.supposing import Supposition, ToBeSupposed, supposed_effect
from contest_server.live import supposing, turns
from contest_server.live.supposing import Suppositions
from tests import clockwork
from tests.contests import START_US, entries, fold
from tests.core.test_rulings import ruling
from tests.core.test_supposing import FOR_A_VENUE, FOR_ALL, SOME

WHILE_MADE_S = 0.01


class Counted(Supposition):
    """Knows how many of its kind there are, from the first piece to the last that is let go."""

    made = there = most = 0

    def pieces(self, contest: Contest) -> Generator[None, None, None]:
        Counted.made += 1
        Counted.there += 1
        Counted.most = max(Counted.most, Counted.there)
        yield from super().pieces(contest)

    def let_go(self) -> Iterator[None]:
        yield from super().let_go()
        Counted.there -= 1


@pytest.fixture(autouse=True)
def _in_single_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """What concerns everybody is long, and each piece is a turn."""
    monkeypatch.setattr(remaking, "AT_ONCE_MAX", 0)
    monkeypatch.setattr(turns, "TURN_S", 0.0)
    monkeypatch.setattr(supposing, "Supposition", Counted)
    for name in ("made", "there", "most"):
        monkeypatch.setattr(Counted, name, 0)


class Asking:
    """Officials who ask what rulings would change."""

    def __init__(self) -> None:
        self.contest, self.suppositions = fold(SOME), Suppositions()

    def what_if(self, supposed: Ruled) -> asyncio.Task[Effect]:
        async def ask(supposition: Supposition | None) -> Effect:
            await asyncio.sleep(0)
            return supposed_effect(self.contest, supposed, supposition)

        return asyncio.create_task(self.suppositions.answer(self.contest, supposed, ask))

    async def refused(self) -> None:
        async def refuse(supposition: Supposition | None) -> Effect:
            if supposition is None:
                raise ToBeSupposed
            raise Denied("recused", "somebody else has to decide")

        with pytest.raises(Denied):
            await self.suppositions.answer(self.contest, FOR_ALL, refuse)


def test_all_who_ask_for_the_same_have_one_copy_of_the_contest() -> None:
    async def work() -> None:
        officials = Asking()
        found = await asyncio.gather(*(officials.what_if(FOR_ALL) for _ in range(12)))
        assert found == [effect_of(officials.contest, [FOR_ALL])] * 12
        await asyncio.sleep(1)
        assert (Counted.made, Counted.most, Counted.there) == (1, 1, 0)

    clockwork.run(work())


def test_who_asks_for_another_has_their_turn_when_it_is_gone() -> None:
    async def work() -> None:
        officials = Asking()
        wanted = [FOR_ALL, FOR_A_VENUE, ruling(Remove(START_US, START_US + 9_000_000), "x1", None, None, None)] * 2
        found = await asyncio.gather(*(officials.what_if(each) for each in wanted))
        assert found == [effect_of(officials.contest, [each]) for each in wanted]
        await asyncio.sleep(1)
        assert (Counted.most, Counted.there) == (1, 0)

    clockwork.run(work())


def test_contests_do_not_wait_for_each_other() -> None:
    async def work() -> None:
        here, there = Asking(), Asking()
        there.suppositions = here.suppositions
        asked = here.what_if(FOR_ALL), there.what_if(FOR_ALL)
        await asyncio.sleep(WHILE_MADE_S)
        assert Counted.there == 2
        assert await asked[0] == await asked[1]

    clockwork.run(work())


def test_who_goes_away_or_is_refused_leaves_nothing_and_nobody_waits_for_them() -> None:
    async def work() -> None:
        officials = Asking()
        gone = officials.what_if(FOR_ALL)
        await asyncio.sleep(WHILE_MADE_S)
        assert Counted.there == 1, "it is being made"
        waiting = officials.what_if(FOR_ALL)
        await asyncio.sleep(0)
        gone.cancel()
        assert await waiting == effect_of(officials.contest, [FOR_ALL])
        await officials.refused()
        await asyncio.sleep(1)
        assert (Counted.most, Counted.there) == (1, 0)

    clockwork.run(work())


def test_what_is_about_everybody_meanwhile_lets_it_be_made_anew() -> None:
    async def work() -> None:
        officials = Asking()
        asked = officials.what_if(FOR_A_VENUE)
        await asyncio.sleep(WHILE_MADE_S)
        officials.contest.advance(entries([FOR_ALL], after=officials.contest.position)[0])
        officials.contest.settle()
        now = effect_of(officials.contest, [ruling(FOR_A_VENUE.action, "x2", None, None, None)])
        assert await asked == now
        assert (Counted.made, Counted.most) == (2, 1)

    clockwork.run(work())
