"""One board to many displays: CPU per delivered frame, p99 from the event to the display, bytes; beside bare sends and native servers.

All servers run for all rounds with all their displays connected; each round sends the same number of frames of the same size at the same
pace through each of them in turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack

from tests.bench.hall import EVERY_S, VIEW, Ours, ours
from tests.bench.load.displays import Crowd
from tests.bench.load.sights import at_share, check_boards, delays_ms, during, last_after_first_ms, part_of
from tests.bench.machine import cpu_us
from tests.bench.peers.broadcasters import Broadcaster, Mosquitto, Nats, Nchan, Redis, await_fastapi, bare_send, closing, text_of
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import Missing, NotDelivered, Readings, Row, Runs, Target, row_of

SECONDS = 140
FRAMES, FRAMES_QUICK = 15, 10
CROWDS, CROWDS_QUICK = (2_000, 5_000), (300,)
FRAME_BYTES = 1_000
"""What frames of peers are long until ours were seen."""
MAKERS = (bare_send, await_fastapi, Nchan, Nats, Mosquitto, Redis)
C, AWAIT, NCHAN = "C, bare send(2)", "FastAPI, await one after another", "nginx + nchan"
CHECKED = "each display's merged frames equal GET /board; of peers, each connection ends with the last frame"


def peer_round(peer: Broadcaster, crowd: Crowd, frames: int, size: int) -> Readings:
    """The same number of frames of the same size at the same pace. Raises NotDelivered unless each display got each of them."""
    crowd.zero()
    used_us = cpu_us(peer.pids)
    peer.broadcast(frames, EVERY_S, size)
    if peer.mode == "ws":
        crowd.until(lambda now: now.least >= frames)
    else:
        wire = frames * peer.wire_bytes(size)
        crowd.until(lambda now: now.least >= wire)
        last = text_of(frames, size).encode()
        if any(last not in tail for tail in crowd.tails()):
            raise NotDelivered(f"{peer.name}: a connection does not end with the last frame")
    return {"cpu_us": (cpu_us(peer.pids) - used_us) / (crowd.count * frames), "bytes": float(peer.wire_bytes(size))}


def peers(stack: ExitStack, options: Options, progress: Progress, displays: int) -> dict[str, tuple[Broadcaster, Crowd]]:
    """Those that are installed here, each with its own crowd."""
    found = {}
    for make in MAKERS if displays <= CROWDS[0] else MAKERS[:3]:
        try:
            peer = stack.enter_context(closing(make(options.scratch)))
        except Missing as missing:
            progress.skip(f"fan-out beside {getattr(make, 'name', make.__name__)}", str(missing))
            continue
        found[peer.name] = peer, stack.enter_context(Crowd(options.scratch, peer.port, displays, peer.request, mode=peer.mode))
    return found


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    for displays in CROWDS_QUICK if options.quick else CROWDS:
        yield from _crowd_rows(options, progress, displays)


def _crowd_rows(options: Options, progress: Progress, displays: int) -> Iterator[Row]:
    frames = options.sized(FRAMES, FRAMES_QUICK)
    with ExitStack() as stack:
        halls = {
            "ours": ours(stack, options, f"crowd-{displays}", displays),
            "deflated": ours(stack, options, f"deflated-{displays}", displays, deflate=True),
        }
        if displays <= CROWDS[0]:
            halls["paints"] = ours(stack, options, f"paints-{displays}", displays, mode="paints")
        others = peers(stack, options, progress, displays)
        size = [FRAME_BYTES]

        def own_round() -> Readings:
            readings = halls["ours"].round(frames)
            size[0] = round(readings["bytes"])
            return readings

        contenders = {name: lambda hall=hall: hall.round(frames) for name, hall in halls.items()} | {"ours": own_round}
        contenders |= {
            name: lambda peer=peer, crowd=crowd: peer_round(peer, crowd, frames, size[0]) for name, (peer, crowd) in others.items()
        }
        runs = race(f"fan-out to {displays:,}", contenders, options, progress)
        for hall in halls.values():
            check_boards(hall.crowd.sight(), hall.server.board(VIEW))
        runs = with_p99(runs, halls["ours"], others, frames)
    yield from _rows(runs, displays)


def with_p99(runs: Runs, plain: Ours, others: Mapping[str, tuple[Broadcaster, Crowd]], frames: int) -> Runs:
    """The rounds with `spread_ms`: from the first display's frame to the 99th hundredth's, which needs no clock of the sender."""
    found = {name: [dict(each) for each in readings] for name, readings in runs.items()}
    sight = plain.crowd.sight()
    for number, (began_ns, ended_ns) in enumerate(plain.rounds_ns):
        part = during(sight, began_ns, ended_ns)
        found["ours"][number] |= {"p99_ms": at_share(delays_ms(part, plain.sent_ns), 0.99), "spread_ms": last_after_first_ms(part)}
    for name, (peer, crowd) in others.items():
        if peer.mode == "ws":
            seen = crowd.sight()
            if any(not seen.messages[track.messages[-1]].startswith(f"frame {frames} ") for track in seen.tracks):
                raise NotDelivered(f"{name}: a connection does not end with the last frame")
            for number, readings in enumerate(found[name]):
                readings["spread_ms"] = last_after_first_ms(part_of(seen, number * frames, (number + 1) * frames))
    return found


def _rows(runs: Runs, displays: int) -> Iterator[Row]:
    to = f"to {displays:,} displays"
    bare = C if C in runs else None
    beside = {
        AWAIT: Target("≤", 0.5),
        NCHAN: Target("≤", 0.85),
        "NATS": Target("≤", 0.5),
        "Mosquitto": Target("≤", 0.5),
        "Redis pub/sub": None,
    }
    noted = {"bytes a frame": runs["ours"][-1]["bytes"]}
    yield row_of(
        runs,
        f"fan-out {to}: CPU per delivered frame",
        "cpu_us",
        "µs",
        bare=bare,
        target=Target("≤", 1.25) if bare else None,
        peers=beside,
        checked=CHECKED,
        noted=noted,
    )
    yield row_of(
        runs,
        f"fan-out {to}, deflated once for all: CPU",
        "cpu_us",
        "µs",
        ours="deflated",
        bare="ours",
        target=Target("≤", 1.05),
        checked=CHECKED,
    )
    yield row_of(
        runs,
        f"fan-out {to}, deflated: bytes a frame",
        "bytes",
        "bytes",
        ours="deflated",
        bare="ours",
        target=Target("≤", 0.4),
        checked=CHECKED,
    )
    if NCHAN in runs:
        yield row_of(
            runs,
            f"fan-out {to}: p99 of a display's frame after the first display's",
            "spread_ms",
            "ms",
            bare=NCHAN,
            target=Target("≤", 1.0),
            peers={AWAIT: None, C: None},
            checked=CHECKED,
        )
    yield row_of(runs, f"fan-out {to}: p99 from the event sent to the frame", "p99_ms", "ms", checked=CHECKED)
    if "paints" in runs:
        name = f"fan-out {to} that say what they painted: CPU per delivered frame"
        yield row_of(runs, name, "cpu_us", "µs", ours="paints", bare="ours", checked=CHECKED)
