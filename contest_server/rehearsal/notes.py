"""What is written down and told while a rehearsal runs, and how it becomes the outcome. It changes nothing of the rehearsal."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from contest_server.agent.agent import Ended
from contest_server.demo.voice import Voice
from contest_server.rehearsal.measures import Film, Sample
from contest_server.rehearsal.officials import Officials
from contest_server.rehearsal.outcome import Outcome, ServerSeen
from contest_server.rehearsal.pace import Pace
from contest_server.rehearsal.plan import Plan, moment
from contest_server.rehearsal.proof import Proof
from contest_server.rehearsal.queue_watch import QueueWatch
from contest_server.rehearsal.seen import curve_of, displays_seen, latencies_of, timeline_of, venues_seen
from contest_server.rehearsal.stage import Stage

SAMPLE_EVERY_S = 0.1
STATUS_EVERY_S = 0.5
TOLD_MAX = 200


@dataclass(slots=True)
class Notes:
    """What is written down while it runs."""

    film: Film = field(default_factory=Film)
    ended: dict[str, Ended] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    watch: QueueWatch | None = None
    servers: list[ServerSeen] = field(default_factory=list)
    boards: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def queued(self) -> int | None:
        """How many cases wait for a decision; None where nobody looks."""
        return None if self.watch is None else self.watch.total

    def tell(self, text: str) -> None:
        if len(self.told) < TOLD_MAX:
            self.told.append(text)


async def sample(stage: Stage, notes: Notes) -> None:
    """What waits, who is cut off and how long each display has been silent, again and again."""
    while True:
        unsynced = {source: desk.waiting for source, desk in stage.desks.items()}
        cut_off = frozenset(source for source, desk in stage.desks.items() if source not in notes.ended and desk.is_cut_off)
        silence_s = {name: screen.silence_s for name, screen in stage.screens.items()}
        notes.film.add(Sample(stage.pace.now_s(), unsynced, cut_off, silence_s, notes.queued))
        await asyncio.sleep(SAMPLE_EVERY_S)


async def show_status(stage: Stage, notes: Notes, voice: Voice) -> None:
    """The same in one line for whoever sits at the terminal."""
    while True:
        await asyncio.sleep(STATUS_EVERY_S)
        waiting = sum(desk.waiting for desk in stage.desks.values())
        answered = sum(desk.deliveries.acknowledged_to for desk in stage.desks.values())
        silence_s = max(screen.silence_s for screen in stage.screens.values())
        queue = "" if notes.queued is None else f" · 待裁 queue {notes.queued}"
        text = (
            f"{moment(stage.plan, stage.pace.now_ms())}  已确认 acknowledged {answered}/{stage.plan.tale.count} · "
            f"待发 unsynced {waiting} · 大屏沉默 displays silent {silence_s:.1f} s{queue}"
        )
        voice.status(text, asyncio.get_running_loop().time())


async def narrate(plan: Plan, pace: Pace, voice: Voice) -> None:
    """Each fault as it begins."""
    for fault in plan.faults:
        await pace.until_s(fault.from_s)
        voice.both(moment(plan, int(fault.from_s * 1_000 * plan.wishes.speed)), fault.zh, fault.en)


def write_down(outcome: Outcome, stage: Stage, officials: Officials, notes: Notes) -> None:
    """All that was seen, as the outcome has it."""
    proof: Proof | None = outcome.proof
    outcome.venues = list(venues_seen(stage, notes.film, proof, notes.ended))
    outcome.displays = list(displays_seen(stage, notes.film, notes.boards))
    outcome.servers = notes.servers
    outcome.latencies = latencies_of(stage)
    outcome.timeline = timeline_of(stage, notes.film)
    outcome.curve = curve_of(stage, notes.film)
    outcome.done = officials.done
    outcome.flags = dict(Counter(str(flag["code"]) for flag in officials.flags.get("flags", ())).most_common())
    outcome.rulings = officials.ruled
    final = next((done for done in reversed(officials.done) if done.what == "finalise"), None)
    outcome.is_final, outcome.not_final = final is not None and final.ok, "" if final is None else final.answer
    outcome.noise_refused = sum(noise.refused for noise in stage.noises.values())
    outcome.noise_unexpected = [text for noise in stage.noises.values() for text in noise.unexpected]
    outcome.told = notes.told
    if notes.watch is not None:
        outcome.queue_most = notes.watch.most
        outcome.queue_worst = [f"{case['key']}: {', '.join(case['codes'])}" for case in notes.watch.worst]
