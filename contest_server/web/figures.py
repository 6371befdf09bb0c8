"""What an operator has to see, reckoned from plain counts when somebody asks.

Labels are contests, venues and codes of ours, no more than CONTESTS_MAX and VENUES_MAX of them: what is left out is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from contest_server import __version__
from contest_server.core.ids import ContestId, SourceId, VenueId
from contest_server.live.counts import BOUNDS_S, ContestCounts, Spread
from contest_server.live.desk import Desk
from contest_server.web.house import House
from contest_server.web.links import VenueLink
from contest_server.web.roll import venue_of

CONTESTS_MAX = 64
VENUES_MAX = 256
"""Of one contest."""
BY_CONTEST = ("contest",)
BY_VENUE = ("contest", "venue")

Links = dict[ContestId, dict[VenueId, dict[SourceId, VenueLink]]]
Samples = Iterable[tuple[tuple[str, ...], float]]


class Figures(Collector):
    """All figures of one server, as they are now."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterator[Metric]:
        house = self._house
        desks = dict(list(house.desks.open.items())[:CONTESTS_MAX])
        counts = {contest: house.desks.counts.of(contest) for contest in desks}
        yield from _of_server(house, len(house.desks.open) - len(desks))
        yield from _stored(counts)
        yield from _desks(desks)
        yield from _displays(house, desks)
        yield from _venues(house, desks, counts)


def _of_server(house: House, left_out: int) -> Iterator[Metric]:
    yield _gauge("contest_server_info", "The version that runs.", ("version",), [((__version__,), 1)])
    sockets = [((kind,), count) for kind, count in house.sockets.by_kind.items()]
    yield _gauge("contest_sockets", "Open sockets by kind.", ("kind",), sockets)
    answers = [((f"{kind}xx",), count) for kind, count in sorted(house.answers.items())]
    yield _counter("contest_http_answers", "Answers over HTTP, by the class of their status.", ("status",), answers)
    yield _gauge(
        "contest_loop_lag_seconds", "The worst lateness of the event loop in the last half minute.", (), [((), house.pulse.worst_s)]
    )
    yield _gauge("contest_draining", "1 while this server ends.", (), [((), int(house.is_draining))])
    yield _gauge("contest_metrics_left_out", "Contests beyond the limit, of which no figures are shown.", (), [((), left_out)])


def _stored(counts: dict[ContestId, ContestCounts]) -> Iterator[Metric]:
    def each(name: str, what: str, value: str) -> Metric:
        return _counter(name, what, BY_CONTEST, [((contest,), getattr(each, value)) for contest, each in counts.items()])

    yield each("contest_events_durable", "Events of venues that this server made durable.", "events")
    yield each("contest_entries_stored", "Entries of any kind that this server made durable.", "entries")
    yield each("contest_desks_opened", "How often the desk of a contest came up: at the start, and after each end.", "desks_opened")
    yield each("contest_desks_ended", "How often a desk ended by a fault of the ledger.", "desks_ended")
    commits = {contest: each.commits for contest, each in counts.items()}
    yield histogram("contest_commit_seconds", "Time of one commit in the ledger.", commits)
    acknowledged = {contest: each.acknowledged for contest, each in counts.items()}
    yield histogram("contest_acknowledgement_seconds", "From hearing events of a venue to having acknowledged them.", acknowledged)
    refused = [((contest, code), count) for contest, each in counts.items() for code, count in sorted(each.refused.items())]
    yield _counter("contest_refused", "Events and messages of venues that were not taken, by code.", ("contest", "code"), refused)


def _desks(desks: dict[ContestId, Desk]) -> Iterator[Metric]:
    def each(name: str, what: str, values: Iterable[float]) -> Metric:
        return _gauge(name, what, BY_CONTEST, [((contest,), value) for contest, value in zip(desks, values, strict=True)])

    all_ = list(desks.values())
    yield each(
        "contest_position", "Entries that this server has folded: the position of its board.", [each.contest.position for each in all_]
    )
    yield each("contest_desk_ready", "1 while the desk takes events.", [int(is_ready(each)) for each in all_])
    yield each("contest_inbox_submissions", "Submissions that wait for the ledger.", [each.waiting for each in all_])
    yield each(
        "contest_review_cases",
        "Cases in the referees' queue, as it was when somebody last looked.",
        [len(each.queue.cases) for each in all_],
    )


def is_ready(desk: Desk) -> bool:
    return desk.ready.is_set() and not desk.closed.is_set()


def _displays(house: House, desks: dict[ContestId, Desk]) -> Iterator[Metric]:
    now_us = house.now_us()
    behind = [(contest, house.onlookers.behind(contest, desk.board, now_us)) for contest, desk in desks.items()]

    def each(name: str, what: str, value: str) -> Metric:
        return _gauge(name, what, BY_CONTEST, [((contest,), getattr(each, value)) for contest, each in behind])

    yield each("contest_displays", "Displays that are connected.", "displays")
    yield each("contest_display_behind_positions", "How many entries the display that is furthest behind has not painted.", "positions_max")
    yield each("contest_display_stale_seconds", "Age of the oldest frame that some display has not painted.", "stale_s_max")
    yield each("contest_displays_stale", "Displays that have not painted a frame of more than 10 s ago.", "stale")


def _venues(house: House, desks: dict[ContestId, Desk], counts: dict[ContestId, ContestCounts]) -> Iterator[Metric]:
    now_us, links = house.now_us(), _links(house)
    venues = [(contest, venue) for contest, desk in desks.items() for venue in _venues_of(desk)]
    connected = [list(links.get(contest, {}).get(venue, {}).values()) for contest, venue in venues]
    unsynced = _unsynced(house, desks, links)

    def each(name: str, what: str, values: Iterable[float | None]) -> Metric:
        found = [(labels, value) for labels, value in zip(venues, values, strict=True) if value is not None]
        return _gauge(name, what, BY_VENUE, found)

    heard_us = [counts[contest].heard_us.get(venue) for contest, venue in venues]
    yield each("contest_venue_sources", "Devices of the venue that are connected.", [len(each) for each in connected])
    yield each(
        "contest_venue_unsynced_events",
        "Events that devices of the venue still hold that said so to this server last, also away; or received and not yet durable.",
        [unsynced.get(each, 0) for each in venues],
    )
    yield each(
        "contest_venue_last_event_age_seconds",
        "Time since the last event of the venue was received.",
        [None if heard is None else max(0, now_us - heard) / 1e6 for heard in heard_us],
    )
    clocks = [[link.clock.offset for link in each if link.clock.offset is not None] for each in connected]
    yield each(
        "contest_venue_clock_offset_seconds",
        "Device minus server, of the device that is furthest off.",
        [max((clock.offset_us for clock in each), key=abs) / 1e6 if each else None for each in clocks],
    )
    yield each(
        "contest_venue_clock_error_seconds",
        "How uncertain that is, at worst.",
        [max(clock.error_us for clock in each) / 1e6 if each else None for each in clocks],
    )


def _venues_of(desk: Desk) -> list[VenueId]:
    definition = desk.contest.definition
    return [] if definition is None else [VenueId(venue.id) for venue in definition.venues[:VENUES_MAX]]


def _links(house: House) -> Links:
    """The connected devices of each venue. A source is called venue/device."""
    found: Links = {}
    for (contest, source), link in house.links.items():
        found.setdefault(contest, {}).setdefault(venue_of(source), {})[source] = link
    return found


def _unsynced(house: House, desks: dict[ContestId, Desk], links: Links) -> Counter[tuple[ContestId, VenueId]]:
    found: Counter[tuple[ContestId, VenueId]] = Counter()
    for contest, desk in desks.items():
        taken = {source: link.taken for of_venue in links.get(contest, {}).values() for source, link in of_venue.items()}
        held = house.roll.holdings(desk.contest)
        for source in {*taken, *held}:
            found[contest, venue_of(source)] += max(taken.get(source, 0), held.get(source, 0))
    return found


def _gauge(name: str, what: str, labels: tuple[str, ...], samples: Samples) -> Metric:
    family = GaugeMetricFamily(name, what, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _counter(name: str, what: str, labels: tuple[str, ...], samples: Samples) -> Metric:
    family = CounterMetricFamily(name, what, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def histogram(name: str, what: str, spreads: dict[ContestId, Spread]) -> Metric:
    family = HistogramMetricFamily(name, what, labels=BY_CONTEST)
    for contest, spread in spreads.items():
        below, buckets = 0, []
        for bound, count in zip([*map(str, BOUNDS_S), "+Inf"], spread.counts, strict=True):
            below += count
            buckets.append((bound, float(below)))
        family.add_metric((contest,), buckets, spread.sum_s)
    return family
