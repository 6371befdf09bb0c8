"""The figures an operator goes by, held against what really happened."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.registry import Collector

from contest_server.core.facts import Entry, Fact
from contest_server.core.ids import ContestId, SourceId, VenueId
from contest_server.ledger.memory import MemoryLedger
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.urls import open_stores
from contest_server.live.board import Board
from contest_server.live.counts import ContestCounts, Spread
from contest_server.web import figures, metrics, outboxes
from contest_server.web.onlookers import Onlookers
from contest_server.wire.display import DisplaySession
from tests.contests import CUP, START_US, adopted, event, fold
from tests.ops.figures import Figures, look
from tests.ops.waiting import until, until_ready
from tests.web.places import Place, clear, equip, note, served

TOKEN = "a token for the scraper"


async def test_every_event_is_counted_once_with_its_commit_and_its_acknowledgement() -> None:
    async with served() as place, place.venue("yongjia") as venue:
        await venue.send(clear(1), note(2))
        await venue.send(clear(2, "A2"), note(3))
        seen = await look(place)
        assert seen.of("contest_events_durable_total", contest=CUP) == 3, "number 2 was known"
        assert seen.of("contest_entries_stored_total", contest=CUP) == 3
        assert seen.of("contest_commit_seconds_count", contest=CUP) == 2
        assert seen.of("contest_acknowledgement_seconds_count", contest=CUP) == 2
        assert seen.of("contest_position", contest=CUP) == 4
        assert seen.of("contest_desk_ready", contest=CUP) == 1
        assert seen.of("contest_sockets", kind="venue") == 1


async def test_what_is_refused_is_counted_by_its_code() -> None:
    async with served() as place, place.venue() as venue:
        await venue.say("not JSON")
        await venue.hear("refused")
        await venue.say({"type": "events", "events": [{"seq": 1, "kind": "clear", "at": "2026-11-22T01:00:00Z"}]})
        await venue.hear("refused")
        await venue.hear("ack")
        await venue.say({"type": "events", "events": [note(9)]})
        await venue.hear("refused")
        answer = await place.post(
            f"/api/contests/{CUP}/venues/yongjia/events", {"type": "events", "events": [note(5)]}, "yongjia", source="b"
        )
        assert answer.status_code == 409
        seen = await look(place)
        found = {code: seen.of("contest_refused_total", code=code) for code in ("bad_json", "bad_event", "gap")}
        assert found == {"bad_json": 1, "bad_event": 1, "gap": 2}
        assert seen.of("contest_http_answers_total", status="4xx") == 1


async def test_a_venue_shows_its_devices_its_clock_and_what_it_still_holds() -> None:
    now = [START_US]
    async with served(clock=lambda: now[0]) as place, place.venue("yongjia") as venue:
        asked = await venue.hear("time")
        await venue.say({"type": "time", "t": asked["t"], "at": now[0] + 2_000_000, "waiting": 40})
        await venue.hear("clock")
        assert (await look(place)).of("contest_venue_unsynced_events", venue="yongjia") == 40
        await venue.send(*(note(seq) for seq in range(1, 31)))
        now[0] += 5_000_000
        seen = await look(place)
        assert seen.of("contest_venue_unsynced_events", venue="yongjia") == 10, "what was acknowledged since is gone"
        assert seen.of("contest_venue_last_event_age_seconds", venue="yongjia") == 5
        assert seen.of("contest_venue_clock_offset_seconds", venue="yongjia") == 2
        assert 0 < seen.of("contest_venue_clock_error_seconds", venue="yongjia") < 1
        assert (seen.of("contest_venue_sources", venue="yongjia"), seen.of("contest_venue_sources", venue="yueqing")) == (1, 0)


async def test_what_a_device_holds_is_known_while_it_is_away_and_until_it_has_arrived() -> None:
    async with served() as place:
        async with place.venue("yongjia") as venue:
            asked = await venue.hear("time")
            await venue.say({"type": "time", "t": asked["t"], "at": asked["t"], "waiting": 3})
            await venue.hear("clock")

        async def is_away() -> bool:
            return not (await look(place)).of("contest_venue_sources", venue="yongjia")

        await until(is_away)
        assert (await look(place)).of("contest_venue_unsynced_events", venue="yongjia") == 3
        for seq, left in ((1, 2), (3, 0), (4, 0)):
            events = [note(each) for each in range(1, seq + 1)]
            body = {"type": "events", "events": events}
            assert (await place.post(f"/api/contests/{CUP}/venues/yongjia/events", body, "yongjia", source="desk")).status_code == 200
            assert (await look(place)).of("contest_venue_unsynced_events", venue="yongjia") == left


def test_the_devices_that_are_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outboxes, "DEVICES_MAX", 2)
    contest, kept = fold([]), outboxes.Outboxes()
    for number in range(4):
        kept.tell(contest, SourceId(f"yongjia/{number}"), 5, 1)
    assert list(kept.held()[contest.id]) == ["yongjia/2", "yongjia/3"]
    kept.tell(contest, SourceId("yongjia/2"), 0, 2)
    assert [source for source, holding in kept.held()[contest.id].items() if outboxes.missing(contest, source, holding.last)] == [
        "yongjia/3"
    ]


async def test_a_display_that_does_not_paint_becomes_stale() -> None:
    now = [START_US]
    async with served(clock=lambda: now[0]) as place, place.display() as quick, place.display() as slow, place.venue() as venue:
        for display in (quick, slow):
            await display.reach(1)
            await display.say({"type": "painted", "to": 1})
        await venue.send(clear(1))
        await quick.reach(2)
        await slow.reach(2)
        await quick.say({"type": "painted", "to": 2})
        now[0] += 12_000_000
        await venue.send(note(2))
        await quick.reach(3)
        await quick.say({"type": "painted", "to": 3})
        seen = await look(place)
        assert (seen.of("contest_displays"), seen.of("contest_displays_stale")) == (2, 1)
        assert seen.of("contest_display_stale_seconds") == 12
        assert seen.of("contest_display_behind_positions") == 2


def test_staleness_is_since_the_first_frame_that_was_not_painted() -> None:
    board = Board(fold([]), "e", 8, 8)
    board.shown.extend([(1, 10_000_000), (5, 20_000_000), (9, 30_000_000)])
    onlookers, contest = Onlookers(), ContestId(CUP)
    for painted, late_s in ((9, 0), (5, 10), (4, 20), (None, 30)):
        session = DisplaySession(None, 8, painted)
        with onlookers.present(contest, session):
            assert onlookers.behind(contest, board, 40_000_000).stale_s_max == late_s
    assert onlookers.behind(contest, board, 40_000_000).displays == 0


async def test_a_desk_that_ends_and_comes_up_again_goes_on_counting() -> None:
    stores = open_stores("memory:")
    assert isinstance(stores.ledger, MemoryLedger)

    def strike(*_: Any) -> None:
        stores.ledger.fault = None  # type: ignore[attr-defined]
        raise LedgerFault("the disk is full")

    secrets = await equip(stores)
    async with served(stores, secrets=secrets) as place:
        async with place.venue() as venue:
            await venue.send(note(1))
            stores.ledger.fault = strike
            await venue.say({"type": "events", "events": [note(2)]})
            assert await venue.until_closed() == (4002, "restarting")
        await until_ready(place.http, place.url)
        async with place.venue() as venue:
            await venue.send(note(2))
        seen = await look(place)
        assert (seen.of("contest_desks_opened_total"), seen.of("contest_desks_ended_total")) == (2, 1)
        assert seen.of("contest_events_durable_total") == 2


# ---- who may read them -------------------------------------------------------------------------------------------------------------


async def ask(place: Place, **headers: str) -> int:
    return (
        await place.http.get(f"{place.url}/metrics", headers={name.replace("_", "-"): value for name, value in headers.items()})
    ).status_code


async def test_from_elsewhere_metrics_need_their_own_token(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(metrics_token=TOKEN) as place:
        assert await ask(place) == 200, "this machine needs none"
        assert await ask(place, x_forwarded_for="203.0.113.5") == 403, "a proxy on this machine speaks for others"
        assert await ask(place, x_forwarded_for="203.0.113.5", authorization=f"Bearer {TOKEN}") == 200
        assert await ask(place, x_forwarded_for="203.0.113.5", authorization=f"Bearer {place.secrets['admin']}") == 403
        monkeypatch.setattr(metrics, "_is_here", lambda _: False)
        assert [await ask(place), await ask(place, authorization=f"Bearer {TOKEN}x")] == [403, 403]
        assert await ask(place, authorization=f"Bearer {TOKEN}") == 200


async def test_without_a_token_in_the_settings_none_is_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_is_here", lambda _: False)
    async with served() as place:
        assert [await ask(place, authorization=each) for each in ("Bearer", "Bearer None", "Bearer **********")] == [403] * 3


async def test_the_labels_are_bounded_and_what_is_left_out_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "CONTESTS_MAX", 0)
    async with served() as place:
        await place.board()
        seen = await look(place)
        assert seen.of("contest_metrics_left_out") == 1
        assert "contest_position" not in seen.names()
    monkeypatch.setattr(figures, "CONTESTS_MAX", 4)
    monkeypatch.setattr(figures, "VENUES_MAX", 1)
    async with served() as place:
        await place.board()
        assert [each.labels["venue"] for each in (await look(place)).samples if each.name == "contest_venue_sources"] == ["yongjia"]


def test_a_spread_is_read_as_a_histogram() -> None:
    spread = Spread()
    for seconds in (0.0005, 0.001, 0.02, 99.0):
        spread.take(seconds)

    class One(Collector):
        def collect(self) -> Any:
            yield figures.histogram("some_seconds", "what", {ContestId("cup"): spread})

    registry = CollectorRegistry()
    registry.register(One())
    seen = Figures(generate_latest(registry).decode())
    assert [seen.of("some_seconds_bucket", le=bound) for bound in ("0.001", "0.01", "0.025", "10.0", "+Inf")] == [2, 2, 3, 3, 4]
    assert (seen.of("some_seconds_count"), spread.total) == (4, 4)
    assert seen.of("some_seconds_sum") == pytest.approx(99.0215)


def test_what_is_stored_here_and_what_is_folded_are_counted_apart() -> None:
    """A server that follows another one hears of its venues, and leaves its events to the other's figures."""
    events = [event(seq, source="yongjia/desk") for seq in (1, 2)] + [event(1, source="yueqing/desk")]
    facts: list[Fact] = [adopted(), *events]
    entries = [Entry(position, START_US + position, "somebody", fact) for position, fact in enumerate(facts, 1)]
    counts = ContestCounts()
    counts.folded(entries)
    assert counts.heard_us == {VenueId("yongjia"): START_US + 3, VenueId("yueqing"): START_US + 4}
    assert (counts.events, counts.entries, counts.commits.total) == (0, 0, 0)
    counts.stored(entries, 0.01)
    assert (counts.events, counts.entries, counts.commits.total) == (3, 4, 1)
