"""Whatever happens on the way, the server ends with every event exactly once, in order."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contest_server.agent.agent import Agent, Exit, Options
from contest_server.agent.calls import on_the_spot
from contest_server.agent.files import InputAs
from contest_server.agent.limits import AgentLimits
from contest_server.agent.outbox import Outbox
from contest_server.agent.reading import NowUs
from contest_server.agent.refusals import open_refusals, settle
from contest_server.agent.resume import ServerAhead
from contest_server.agent.sources import FileInput, Source, from_events, from_file
from contest_server.agent.store import Store
from tests.agent.hall import BINDING, Hall, Mishap, Server, is_bad
from tests.clockwork import run

Json = dict[str, Any]


def make_events(count: int, bad: AbstractSet[int] = frozenset()) -> list[Json]:
    return [
        {"kind": "clear", "contestant": f"A{n}", "at": "2026-11-22T09:03:12Z", "data": {"n": n, "bad": n in bad}}
        for n in range(1, count + 1)
    ]


def numbered(events: list[Json]) -> list[Json]:
    return [{"seq": n, **event} for n, event in enumerate(events, 1)]


def write_lines(path: Path, events: list[Json]) -> None:
    path.write_text("".join(json.dumps(event) + "\n" for event in events))


def lines_of(path: Path) -> Any:
    return lambda outbox: from_file(FileInput(path, follow=False, input_as=InputAs.ASK, poll_s=0.1), outbox, on_the_spot, lambda: 0)


def given_events(events: list[Json]) -> Any:
    async def each() -> AsyncIterator[Mapping[str, object]]:
        for event in events:
            yield event

    return lambda _outbox: from_events(each(), lambda: 0)


@given(
    count=st.integers(0, 25),
    bad=st.sets(st.integers(1, 25), max_size=4),
    batch=st.integers(1, 8),
    mishaps=st.lists(st.sampled_from([mishap for mishap in Mishap if mishap is not Mishap.GOODBYE]), max_size=14),
    seed=st.integers(0, 2**16),
)
@example(7, {1, 6}, 7, [Mishap.KILL_AFTER, Mishap.FAULT], 0)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_happens_on_the_way_the_server_has_every_event_once_in_order(
    count: int, bad: set[int], batch: int, mishaps: list[Mishap], seed: int
) -> None:
    events = make_events(count, bad)

    async def scene(directory: Path) -> None:
        hall = Hall(directory, Server(batch=batch, rate_per_s=12), mishaps, seed)
        write_lines(directory / "events.ndjson", events)
        ended = await hall.run(lines_of(directory / "events.ndjson"))
        refused = [event["seq"] for event in numbered(events) if is_bad(event)]
        assert hall.server.taken == numbered(events)
        assert ended.exit is (Exit.ATTENTION if refused else Exit.DONE)
        store = Store.open(hall.outbox_path, BINDING, hall.now_us)
        assert [refusal.seq for refusal in open_refusals(store)] == refused
        statuses = store.db.execute("SELECT status, count(*) FROM events GROUP BY status").fetchall()
        assert dict(statuses) == {k: v for k, v in {"acknowledged": count - len(refused), "refused": len(refused)}.items() if v}
        store.close()

    with tempfile.TemporaryDirectory() as directory:
        run(scene(Path(directory)))


def test_a_refused_number_is_sent_once_and_stays_visible_until_somebody_deals_with_it(tmp_path: Path) -> None:
    async def scene() -> None:
        hall = Hall(tmp_path, Server())
        assert (await hall.run(given_events(make_events(3, {2})))).exit is Exit.ATTENTION
        assert any("number 2 was REFUSED: bad_event" in text for text in hall.told)
        messages = hall.server.messages
        assert (await hall.run(given_events([]))).exit is Exit.ATTENTION
        assert hall.server.messages == messages
        store = Store.open(hall.outbox_path, BINDING, hall.now_us)
        assert settle(store, 2, "entered again as 4")
        store.close()
        assert (await hall.run(given_events([]))).exit is Exit.DONE

    run(scene())


@pytest.mark.parametrize(("times", "exit_"), [(1, Exit.DONE), (1_000, Exit.SERVER)])
def test_who_is_replaced_goes_on_unless_it_happens_again_and_again(times: int, exit_: Exit, tmp_path: Path) -> None:
    async def scene() -> None:
        hall = Hall(tmp_path, Server(batch=1), [Mishap.GOODBYE] * times)
        ended = await hall.run(given_events(make_events(60)))
        assert ended.exit is exit_, ended.reason
        assert (hall.server.taken == numbered(make_events(60))) == (exit_ is Exit.DONE)
        assert hall.connections == (2 if exit_ is Exit.DONE else 1 + AgentLimits().replaced_max)

    run(scene())


def test_what_the_server_said_before_its_goodbye_is_kept_however_slow_the_disk_is(tmp_path: Path) -> None:
    async def scene() -> None:
        hall = Hall(tmp_path, Server(batch=1), [Mishap.NONE, Mishap.GOODBYE])
        hall.call = hall.slowly
        write_lines(tmp_path / "events.ndjson", make_events(2, {1, 2}))
        ended = await hall.run(lines_of(tmp_path / "events.ndjson"), Options(once=False, bounds=AgentLimits(replaced_max=0)))
        assert ended.exit is Exit.SERVER
        assert "goodbye: replaced: another agent sends as this source" in ended.reason
        store = Store.open(hall.outbox_path, BINDING, hall.now_us)
        assert [refusal.seq for refusal in open_refusals(store)] == [1, 2]
        store.close()

    run(scene())


def test_the_clock_is_answered_at_once_with_the_devices_own_time(tmp_path: Path) -> None:
    async def scene() -> None:
        hall = Hall(tmp_path, Server())
        await hall.run(given_events(make_events(1)))
        assert [(answer["type"], answer["t"]) for answer in hall.saved] == [("time", 5)]
        assert abs(hall.saved[0]["at"] - hall.now_us()) < 1_000_000

    run(scene())


def test_a_server_restored_from_a_backup_gets_again_what_it_had_answered(tmp_path: Path) -> None:
    """Refused numbers too: without them the later ones would stand behind a gap."""

    async def scene() -> None:
        hall, events = Hall(tmp_path, Server()), make_events(6, {4})
        await hall.run(given_events(events))
        hall.server.restore()
        assert len(hall.server.taken) == 3
        assert (await hall.run(given_events([]))).exit is Exit.ATTENTION
        assert hall.server.taken == numbered(events)
        assert any("restored from a backup" in text for text in hall.told)

    run(scene())


def test_a_server_ahead_of_the_outbox_stops_the_agent_until_a_person_decides(tmp_path: Path) -> None:
    """An outbox was lost: numbering from 1 again would have the server ignore new events as known ones."""

    async def scene(server_ahead: ServerAhead, brought: list[Json]) -> tuple[Exit, list[Json]]:
        directory = Path(tempfile.mkdtemp(dir=tmp_path))
        server = Server(taken=numbered(make_events(4)))
        ended = await Hall(directory, server).run(given_events(brought), Options(once=True, server_ahead=server_ahead))
        return ended.exit, server.taken

    later = [{**event, "contestant": "B"} for event in make_events(3)]
    assert run(scene(ServerAhead.STOP, later)) == (Exit.SERVER, numbered(make_events(4)))
    assert run(scene(ServerAhead.NEW, later)) == (Exit.DONE, numbered(make_events(4) + later))
    assert run(scene(ServerAhead.SAME, make_events(6))) == (Exit.DONE, numbered(make_events(6)))
    assert run(scene(ServerAhead.SAME, make_events(2))) == (Exit.DONE, numbered(make_events(4)))


def test_a_full_disk_stops_reading_and_loses_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        hall, asked = Hall(tmp_path, Server()), list[int]()
        events = [{**event, "data": {"photo": "x" * 20_000}} for event in make_events(6)]
        read_when_mended: list[int] = []

        def source(outbox: Outbox) -> Source:
            async def each() -> AsyncIterator[Mapping[str, object]]:
                for number, event in enumerate(events, 1):
                    asked.append(number)
                    if number == 3:
                        pages = outbox.store.db.execute("PRAGMA page_count").fetchone()[0]
                        outbox.store.db.execute(f"PRAGMA max_page_count = {pages}")
                        asyncio.get_running_loop().call_later(100, mend)
                    yield event

            def mend() -> None:
                read_when_mended.extend(asked)
                outbox.store.db.execute("PRAGMA max_page_count = 1000000")

            return from_events(each(), lambda: 0)

        assert (await hall.run(source)).exit is Exit.DONE
        assert read_when_mended == [1, 2, 3]
        assert hall.server.taken == numbered(events)
        assert sum("CANNOT BE WRITTEN" in text and "full" in text for text in hall.told) == 1

    run(scene())


def test_an_outbox_that_was_taken_away_takes_nothing_more_until_it_is_back_and_sends_what_it_has(tmp_path: Path) -> None:
    """What is read from a pipe cannot be read again, so it must lie where the next agent finds it."""

    async def scene() -> None:
        hall, asked = Hall(tmp_path, Server()), list[int]()
        events, sent_meanwhile = make_events(6), list[int]()

        def source(outbox: Outbox) -> Source:
            path = outbox.store.path

            async def each() -> AsyncIterator[Mapping[str, object]]:
                for number, event in enumerate(events, 1):
                    asked.append(number)
                    if number == 3:
                        path.rename(path.with_suffix(".away"))
                        asyncio.get_running_loop().call_later(100, put_back)
                    yield event

            def put_back() -> None:
                sent_meanwhile.extend([len(hall.server.taken), *asked])
                path.with_suffix(".away").rename(path)

            return from_events(each(), lambda: 0)

        assert (await hall.run(source)).exit is Exit.DONE
        assert sent_meanwhile == [2, 1, 2, 3]
        assert hall.server.taken == numbered(events)
        assert sum("CANNOT BE WRITTEN" in text and "put it back" in text for text in hall.told) == 1

    run(scene())


def test_an_input_that_cannot_be_read_on_ends_the_agent_after_everything_read_is_answered(tmp_path: Path) -> None:
    async def scene() -> None:
        hall = Hall(tmp_path, Server(), [Mishap.LOST_BEFORE])
        path = tmp_path / "events.ndjson"
        write_lines(path, make_events(3))
        with path.open("a") as file:
            file.write('{"kind": "cl')
        ended = await hall.run(lines_of(path))
        assert ended.exit is Exit.INPUT
        assert "line 4 has no newline" in ended.reason
        assert hall.server.taken == numbered(make_events(3))

    run(scene())


def test_an_agent_that_is_told_to_stop_says_what_still_waits(tmp_path: Path) -> None:
    async def scene() -> None:
        hall = Hall(tmp_path, Server(), [Mishap.UNHEARD] * 1_000)

        async def endless(_now_us: NowUs) -> AsyncIterator[Mapping[str, object]]:
            yield make_events(1)[0]
            await asyncio.Event().wait()

        def source(_outbox: Outbox) -> Source:
            return from_events(endless(hall.now_us), hall.now_us)

        store = Store.open(hall.outbox_path, BINDING, hall.now_us)
        agent = Agent(Outbox(store), hall.connect, source(Outbox(store)), hall.now_us)
        asyncio.get_running_loop().call_later(500, agent.stop, "stopped by SIGTERM")
        ended = await agent.run()
        assert (ended.exit, ended.reason) == (Exit.WAITING, "stopped by SIGTERM; 1 event waits in the outbox")
        assert agent.view().connection.state == "stopped"
        assert hall.connections > 5  # an answer that never comes is waited for, then the connection is made anew
        store.close()

    run(scene())
