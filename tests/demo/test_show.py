"""The whole demo through real sockets, fast: cut, resumed, corrected, frozen, final, and exactly the board that was reckoned beforehand."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import httpx
import pytest

from contest_server.demo import round as rounds
from contest_server.demo.officials import RoundFailed
from contest_server.demo.place import port_to_use
from contest_server.demo.show import Show, Wishes
from contest_server.demo.voice import Voice
from contest_server.ledger.verify_file import verify_file
from contest_server.live.settings import Settings
from tests.demo.rounds import SEED, definition, folded, judges
from tests.web.places import PATIENCE_S

SPEED = 250.0


def _show(tmp_path: Path, said: io.StringIO, *, once: bool = True, seed: int = SEED) -> Show:
    settings = Settings(db=f"sqlite:///{tmp_path / 'demo.db'}", host="127.0.0.1", port=port_to_use("127.0.0.1", 0), follow_interval_ms=50)
    return Show(Wishes(settings, seed, SPEED, once), judges(), tmp_path, Voice(said))


async def test_a_round_over_real_sockets_ends_in_the_board_that_was_reckoned(tmp_path: Path) -> None:
    said = io.StringIO()
    (result,) = await _show(tmp_path, said).run()
    assert result.digest == folded().digest()
    assert result.board["state"]["final"] is True
    assert result.board["state"]["frozen"] is None
    assert [row["rank"] for row in result.board["rows"] if row["rank"] is not None][:3] == [1, 2, 3]
    rows = {contestant: row.row.points for contestant, row in folded().rows.items()}
    assert {row["id"]: row["points"] for row in result.board["rows"]} == rows
    assert set(result.flags) >= {"clock_offset", "unknown_contestant", "duplicate", "over_time", "out_of_order", "implausibly_fast", "late"}
    assert "was REFUSED: bad_event" in said.getvalue()
    assert "断网" in said.getvalue()
    assert "the chief referee confirms the judgement of" in said.getvalue()
    assert "loses its network" in said.getvalue()
    assert verify_file(tmp_path / "demo.db", definition().contest.id).entries > 900  # type: ignore[arg-type]


async def test_the_next_round_begins_on_an_empty_ledger_at_the_same_address(tmp_path: Path) -> None:
    said = io.StringIO()
    show = _show(tmp_path, said, once=False)

    async def stop_in_the_second_round() -> None:
        while "round 2" not in said.getvalue():  # noqa: ASYNC110 - what is said rings no bell
            await asyncio.sleep(0.01)
        show.stop()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(stop_in_the_second_round())
        results = await show.run()
    assert [result.digest for result in results] == [folded().digest()]
    assert f"seed {SEED + 1}" in said.getvalue()


async def test_its_officials_can_log_in_with_the_passwords_that_were_printed(tmp_path: Path) -> None:
    show = _show(tmp_path, io.StringIO(), once=False)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(show.run())
        await show.opened.wait()
        base = f"http://127.0.0.1:{show._wishes.settings.port}/api/contests/{definition().contest.id}"
        async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_S, trust_env=False) as http:
            assert {*show.passwords} == {official.id for official in definition().officials}
            for official, password in show.passwords.items():
                answer = await http.post("/login", json={"official": official, "password": password})
                assert answer.json()["official"]["id"] == official
        show.stop()
        await running


async def test_stopping_in_the_middle_leaves_nothing_running(tmp_path: Path) -> None:
    show = _show(tmp_path, io.StringIO())
    before = asyncio.all_tasks()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(show.run())
        await show.opened.wait()
        show.stop()
        assert await running == []
    assert asyncio.all_tasks() == before


async def test_a_board_that_is_not_the_reckoned_one_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The seeded fault: one contestant's reading is another in the reckoning than on the wire."""
    monkeypatch.setattr(rounds, "fold", lambda *_: folded(1))
    with pytest.raises(ExceptionGroup) as failed:
        await _show(tmp_path, io.StringIO()).run()
    assert failed.group_contains(RoundFailed, match="the story leads to")
