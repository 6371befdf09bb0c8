"""An upgrade as a whole server has it: displays begin anew, and whoever answers for the result reads whose is another now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contest_server.core.contest import Contest
from contest_server.ledger.urls import Stores, open_stores
from contest_server.live.now import now_us
from contest_server.live.upgrades import upgrades_of
from tests.contests import CUP, JUDGES
from tests.core.test_judged_before import Otherwise
from tests.web.places import Place, clear, equip, served
from tests.web.screening import HERE


class Installation:
    """A database, and the servers that one program after the other runs on it."""

    def __init__(self, url: str, patch: pytest.MonkeyPatch) -> None:
        self._url, self._patch = url, patch
        self._secrets: dict[str, str] | None = None

    @asynccontextmanager
    async def runs(self, version: str) -> AsyncIterator[Place]:
        for room in ("upgrades", "checkpointing"):
            self._patch.setattr(f"contest_server.live.{room}.name_of", lambda _: version * 32)
        self._patch.setattr("contest_server.live.upgrades.__version__", version)
        stores = open_stores(self._url)
        try:
            self._secrets = self._secrets or await equip(stores)
            async with served(stores, secrets=self._secrets) as place:
                yield place
                await written_down(stores)
        finally:
            await stores.close()


async def written_down(stores: Stores) -> None:
    """As the server does within a minute."""
    contest, upgrades = Contest(CUP, JUDGES), upgrades_of(stores.notes, JUDGES, now_us)
    assert upgrades is not None
    while entries := await stores.ledger.read(CUP, contest.position):
        for entry in entries:
            contest.advance(entry)
    contest.settle()
    await upgrades.write(contest)


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    return Installation(f"sqlite:///{tmp_path / 'cup.db'}", monkeypatch)


async def test_a_program_that_judges_otherwise_says_so_wherever_somebody_looks(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with installation.runs("1a") as place, place.venue() as venue:
        await venue.send(clear(1), clear(2, "A2", at="01:00:09Z"))
        assert (await place.post(f"{HERE}/publish", {"id": "p-1"}, "C1")).status_code == 200
        assert (await place.get(f"{HERE}/corrections"))["published"]["judged_otherwise"] is False
        assert (await place.get(f"{HERE}/upgrades", "staff"))["differences"] == []
        assert (await place.get(f"{HERE}/control-room", "staff"))["judged_otherwise"] is None
        assert "judged_otherwise" not in await place.get("/health/ready")
    Otherwise(monkeypatch, "A2", 50).begin()
    for _ in range(2):  # it is said for as long as nothing else is published, also after a restart
        async with installation.runs("2b") as place:
            await place.open()
            found = await place.get(f"{HERE}/upgrades", "R1")
            assert found["program"] == f"2b {'2b' * 6}"
            (told,) = found["differences"]
            assert (told["before"], told["after"]) == (f"1a {'1a' * 6}", f"2b {'2b' * 6}")
            assert (told["contestants"], told["ranks"], told["published"], told["grave"], told["open"]) == (2, 2, 2, True, True)
            (a1, a2) = told["moved"]
            assert (a1["contestant"], a1["before"]["rank"], a1["after"]["rank"]) == ("A1", 1, 2)
            assert (a2["contestant"], a2["after"]["rank"], a2["after"]["points"] != a2["before"]["points"]) == ("A2", 1, True)
            assert told["published_moved"] == told["moved"]
            short = (await place.get(f"{HERE}/control-room", "staff"))["judged_otherwise"]
            assert short == {name: told[name] for name in short}
            assert short["who"] == ["A1", "A2"]
            assert (await place.get(f"{HERE}/corrections"))["published"]["judged_otherwise"] is True
            assert (await place.get("/health/ready"))["judged_otherwise"] == [
                {"contest": CUP, "before": told["before"], "after": told["after"], "contestants": 2, "grave": True}
            ]
    async with installation.runs("2b") as place:
        await place.open()
        assert (await place.post(f"{HERE}/publish", {"id": "p-2"}, "C1")).status_code == 200
        assert [each["open"] for each in (await place.get(f"{HERE}/upgrades", "R1"))["differences"]] == [False]
        assert (await place.get(f"{HERE}/control-room", "staff"))["judged_otherwise"] is None
        assert "judged_otherwise" not in await place.get("/health/ready")


async def test_whose_result_is_another_is_nothing_for_everybody(installation: Installation) -> None:
    async with installation.runs("1a") as place:
        for who, status in ((None, 401), ("yongjia", 403), ("other staff", 403), ("staff", 200), ("C1", 200)):
            answer = await place.http.get(f"{place.url}{HERE}/upgrades", headers=place.bearer(who))
            assert answer.status_code == status, who


async def test_a_display_of_the_program_before_gets_the_whole_board_though_nothing_happens(installation: Installation) -> None:
    """Of a board that stands still, a good cursor would hear nothing."""
    async with installation.runs("1a") as place, place.venue() as venue, place.display() as display:
        await display.reach((await venue.send(clear(1)))["position"])
        cursor = display.screen.cursor
        ledger = venue.welcome["epoch"]
    async with installation.runs("1a") as place, place.display(after=cursor) as display:
        assert (await display.hear("frame"))["rows"] == [], "the same program: the cursor is good"
    async with installation.runs("2b") as place, place.display(after=cursor) as display, place.venue() as venue:
        frame = await display.hear("frame")
        assert (frame["from"], len(frame["rows"])) == (0, 5)
        assert venue.welcome["epoch"] == ledger, "a venue's numbers are the ledger's, whatever judges"
        other = frame["epoch"]
    async with installation.runs("1a") as place, place.display(after=f"{other}:{frame['to']}") as display:
        assert (await display.hear("frame"))["from"] == 0, "nor is one of a later program good here"
