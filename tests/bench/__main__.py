"""`make bench`: all figures, as ratios of one run."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from tests.bench import fanout, ingest, ranking
from tests.bench.table import ROUNDS, Figure, beside, print_table, write_json


async def run(rounds: int) -> list[Figure]:
    return [
        await beside(
            "ingest: CPU per durable, judged, ranked event, 20 venues",
            "µs an event",
            ingest.ours_us,
            ingest.bare_us,
            "a socket that parses and acknowledges, same clients",
            "≤ 3",
            rounds,
        ),
        await beside(
            "fan-out: CPU per delivered frame, 200 displays",
            "µs a frame",
            fanout.ours_us,
            fanout.bare_us,
            "await send one after another, same clients",
            "≤ 0.5",
            rounds,
        ),
        await beside(
            "ranking: an update and its rank among 10,000",
            "µs",
            ranking.ours_us,
            ranking.bare_us,
            "sorting everything",
            "≤ 0.01",
            rounds,
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="alternated rounds of each figure")
    parser.add_argument("--out", type=Path, default=Path("bench.ndjson"), help="where the figures go, one JSON object a line")
    asked = parser.parse_args()
    figures = asyncio.run(run(asked.rounds))
    print_table(figures)
    write_json(figures, asked.out)


if __name__ == "__main__":
    main()
