"""Which benchmarks there are, in order. Refuses none: what cannot run here says so, and the others go on."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.bench.rounds import Options, Progress
from tests.bench.rows import Row

HEADINGS: dict[str, tuple[str, ...]] = {
    "Fan-out": ("crowd", "growth", "stalls", "connecting"),
    "Ingest": ("intake", "positions", "acks"),
    "From the event to the screen": ("path", "painted", "leap"),
    "Ranking": ("ranking",),
    "Restart and memory": ("restart", "memory"),
    "Several servers": ("servers",),
    "Beside CMS RankingWebServer": ("cms",),
}
"""All of them, in order, under the headings of the table."""
PLAN = tuple(name for names in HEADINGS.values() for name in names)
TOPICS = {
    "fanout": ("crowd", "growth", "stalls", "connecting", "path", "painted", "leap"),
    "ingest": ("intake", "positions", "acks"),
}
"""What several of them are about together."""
QUICK_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`seconds`: what it takes by default on two cores that nobody else uses; `topic`: the heading of its rows."""

    name: str
    topic: str
    seconds: float
    rows: Callable[[Options, Progress], Iterable[Row]]


def benchmarks(only: Sequence[str] = ()) -> list[Benchmark]:
    """All of them, or those of these names and topics. Raises LookupError where a word is neither."""
    unknown = [word for word in only if word not in PLAN and word not in TOPICS]
    if unknown:
        raise LookupError(f"no benchmark is called {', '.join(unknown)}: there are {', '.join(PLAN)}, and the topics {', '.join(TOPICS)}")
    wanted = {name for word in only for name in TOPICS.get(word, (word,))}
    names = [name for name in PLAN if not only or name in wanted]
    return [_load(name) for name in names]


def _load(name: str) -> Benchmark:
    module = importlib.import_module(f"tests.bench.{name}")
    topic = next(heading for heading, names in HEADINGS.items() if name in names)
    return Benchmark(name, topic, module.SECONDS, module.rows)
