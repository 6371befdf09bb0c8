"""From what was measured to what was seen: the tables of the report. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contest_server.agent.agent import Ended, Exit
from contest_server.rehearsal.desk import RehearsedDesk
from contest_server.rehearsal.measures import Film, percentile
from contest_server.rehearsal.outcome import DeviceSeen, DisplaySeen, Latencies, Meanwhile, Moment, VenueSeen
from contest_server.rehearsal.plan import Plan
from contest_server.rehearsal.proof import Proof
from contest_server.rehearsal.screen import RehearsedScreen, shown
from contest_server.rehearsal.stage import Stage
from contest_server.rehearsal.venue_noise import Noise

AFTERWARDS_S = 1.0
"""A fault is looked at until so long after its end."""
DISPLAYS_MEASURED_MAX = 20
CURVE_POINTS_MAX = 400
WELL = (Exit.DONE, Exit.ATTENTION)


def venues_seen(stage: Stage, film: Film, proof: Proof | None, ended: Mapping[str, Ended]) -> Iterator[VenueSeen]:
    for venue in stage.plan.definition.venues:
        sources = stage.sources_of(venue.id)
        devices = [_device(stage.plan, stage.desks[source], proof, ended.get(source)) for source in sources]
        devices += [_noisy(stage.plan, stage.noises[venue.id], proof)] if venue.id in stage.noises else []
        yield VenueSeen(venue.id, devices, film.most_unsynced(sources), film.cut_off_s(sources))


def _device(plan: Plan, desk: RehearsedDesk, proof: Proof | None, ended: Ended | None) -> DeviceSeen:
    source = desk.device.source
    found = None if proof is None else proof.clock_found_us.get(source)
    return DeviceSeen(
        source=source,
        told=len(plan.events_of(desk.device)),
        acknowledged=desk.deliveries.acknowledged_to,
        once=0 if proof is None else proof.once.get(source, 0),
        refused=0 if proof is None else proof.refused.get(source, 0),
        lives=desk.lives,
        moves=desk.line.moves,
        connections=desk.line.connections,
        clock_injected_ms=float(desk.ahead_ms),
        clock_found_ms=None if found is None else found[0] / 1_000,
        clock_error_ms=None if found is None else found[1] / 1_000,
        ended="still at work" if ended is None else str(ended.reason),
        has_ended_well=ended is not None and ended.exit in WELL,
        sent_twice=desk.tap.mischief.done_twice,
        swapped=desk.tap.mischief.done_swapped,
    )


def _noisy(plan: Plan, noise: Noise, proof: Proof | None) -> DeviceSeen:
    source, told = noise.device.source, len(plan.events_of(noise.device))
    return DeviceSeen(
        source=source,
        told=told,
        acknowledged=noise.acknowledged_to,
        once=0 if proof is None else proof.once.get(source, 0),
        refused=0 if proof is None else proof.refused.get(source, 0),
        lives=1,
        moves=noise.line.moves,
        connections=noise.line.connections,
        clock_injected_ms=0.0,
        clock_found_ms=None,
        clock_error_ms=None,
        ended=f"{noise.refused} times refused as it should be",
        has_ended_well=noise.acknowledged_to == told,
    )


def displays_seen(stage: Stage, film: Film, boards: Mapping[str, Mapping[str, Any]]) -> Iterator[DisplaySeen]:
    """`boards` are the whole boards over HTTP, by view."""
    for name, screen in stage.screens.items():
        yield DisplaySeen(
            name=name,
            view=screen.view,
            frames=screen.frames,
            wholes=screen.painted.wholes,
            connections=screen.connections,
            longest_silence_s=film.longest_silence_s(name),
            equal=_shows(screen, boards.get(screen.view)),
            is_hurt=stage.is_hurt(name),
            faults=screen.faults[:10],
        )


def _shows(screen: RehearsedScreen, board: Mapping[str, Any] | None) -> bool:
    """Whether the display shows exactly this board, of the same position."""
    if board is None or screen.painted.position != board["to"]:
        return False
    return shown(screen.painted.rows) == shown({row["id"]: row for row in board["rows"]})


def latencies_of(stage: Stage) -> Latencies:
    """Of all devices; and of displays for which no fault was made."""
    acknowledged = [each * 1_000 for desk in stage.desks.values() for each in desk.deliveries.latencies_s()]
    sound = [screen for name, screen in stage.screens.items() if not stage.is_hurt(name)][:DISPLAYS_MEASURED_MAX]
    landings = [each for desk in stage.desks.values() for each in desk.deliveries.landings()]
    arrived = [
        (at_s - sent_s) * 1_000 for screen in sound for sent_s, position in landings if (at_s := screen.arrivals.when(position)) is not None
    ]
    return Latencies(
        len(acknowledged),
        percentile(acknowledged, 0.5),
        percentile(acknowledged, 0.99),
        len(arrived),
        percentile(arrived, 0.5),
        percentile(arrived, 0.99),
    )


def timeline_of(stage: Stage, film: Film) -> Sequence[Meanwhile]:
    """Every fault with what was to be seen meanwhile."""
    venues = {venue.id: stage.sources_of(venue.id) for venue in stage.plan.definition.venues}
    found = []
    for fault in stage.plan.faults:
        until_s = fault.to_s + AFTERWARDS_S
        unsynced = {venue: film.most_unsynced(sources, fault.from_s, until_s) for venue, sources in venues.items()}
        silence_s = {name: film.longest_silence_s(name, fault.from_s, until_s) for name in stage.screens}
        last = film.between(fault.from_s, until_s)[-1:]
        found.append(Meanwhile(fault, unsynced, silence_s, last[0].queue if last else None))
    return found


def curve_of(stage: Stage, film: Film) -> Sequence[Moment]:
    """The film, thinned out: of the moments that fall together, the worst."""
    step = -(-len(film.samples) // CURVE_POINTS_MAX) or 1
    venues = {venue.id: stage.sources_of(venue.id) for venue in stage.plan.definition.venues}
    found = []
    for begin in range(0, len(film.samples), step):
        together = film.samples[begin : begin + step]
        unsynced = {
            venue: max(sum(sample.unsynced.get(source, 0) for source in sources) for sample in together)
            for venue, sources in venues.items()
        }
        silence_s = max((each for sample in together for each in sample.silence_s.values()), default=0.0)
        found.append(Moment(together[0].at_s, unsynced, silence_s, together[-1].queue))
    return found
