"""`make bench`: all figures as ratios of one run, beside the last table that was committed.

Exit codes: 0 everything was measured, 1 something was not delivered or could not be measured, 2 bad usage.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import traceback
from dataclasses import replace
from pathlib import Path

from tests.bench.machine import descriptors
from tests.bench.page import show_on_page
from tests.bench.plan import PLAN, QUICK_SHARE, TOPICS, Benchmark, benchmarks
from tests.bench.plot import plot
from tests.bench.rounds import ROUNDS, ROUNDS_CHEAP, ROUNDS_QUICK, Options, Progress
from tests.bench.rows import Missing, Row
from tests.bench.table import lines_of, read_lines, worse, write_lines

COMMITTED = Path("docs/performance.ndjson")
PICTURE = Path("docs/pictures/bench.svg")
PAGE = Path("docs/performance.md")
ENDS_AFTER_S = 2_400
DESCRIPTORS = 20_300


def asked_for() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Figures as ratios, each beside its bare limit and its peers.")
    parser.add_argument("--only", action="append", default=[], metavar="WORD", help=f"benchmarks or topics: {', '.join((*PLAN, *TOPICS))}")
    parser.add_argument(
        "--rounds", type=int, help=f"alternated rounds of each figure ({ROUNDS}, cheap ones {ROUNDS_CHEAP}; with --quick {ROUNDS_QUICK})"
    )
    parser.add_argument("--quick", action="store_true", help="smaller and shorter, to see that all of it works; no evidence")
    parser.add_argument("--out", type=Path, default=Path("bench.ndjson"), help="where the figures go, one JSON object a line")
    parser.add_argument("--plot", type=Path, default=Path("bench.svg"), help="where the plot goes")
    parser.add_argument("--commit", action="store_true", help=f"put them into {COMMITTED}, {PAGE} and {PICTURE} as well")
    asked = parser.parse_args()
    if asked.rounds is not None and asked.rounds < 1:
        parser.error("--rounds: at least 1")
    if asked.commit and (asked.quick or asked.only):
        parser.error("--commit wants a whole run: without --quick and --only")
    return asked


def asked_options(asked: argparse.Namespace, scratch: Path) -> Options:
    usual, cheap = (ROUNDS_QUICK, ROUNDS_QUICK) if asked.quick else (ROUNDS, ROUNDS_CHEAP)
    return Options(asked.rounds or usual, asked.rounds or cheap, asked.quick, scratch)


class OutOfTime(BaseException):
    """The whole run took longer than ENDS_AFTER_S, or was asked to end. No Exception, so that no benchmark goes on after it."""


def end(number: int, _: object) -> None:
    """As a handler of signals: everything that was started is ended on the way out."""
    raise OutOfTime(f"ended after {ENDS_AFTER_S} s" if number == signal.SIGALRM else "ended by a signal")


def measure(chosen: list[Benchmark], options: Options, progress: Progress, rows: list[Row]) -> list[str]:
    """Puts all rows into `rows`; returns what failed: one that fails does not keep the others from running."""
    failed: list[str] = []
    for each in chosen:
        progress.begin(each.name)
        try:
            rows += (replace(row, topic=each.topic) for row in each.rows(options, progress))
        except OutOfTime as error:
            return [*failed, f"{each.name}, and all after it: {error}"]
        except Missing as missing:
            progress.skip(each.name, str(missing))
        except Exception as error:  # noqa: BLE001 - whatever it is: it is told at the end, and the exit code says so
            traceback.print_exc()
            failed.append(f"{each.name}: {type(error).__name__}: {error}")
    return failed


def tell(rows: list[Row], progress: Progress, failed: list[str], options: Options, *, whole: bool) -> None:
    """`whole`: no benchmark was left out, so that what is not there is missing."""
    print("\n" + "\n".join(lines_of(rows)))
    for what, how in progress.skipped.items():
        print(f"skipped: {what} ({how})")
    if not options.quick:
        told = worse(read_lines(COMMITTED), {row.name: row.document() for row in rows}, whole=whole)
        print(f"\nworse than the committed table: {len(told) or 'nothing'}")
        print("\n".join(f"  {each}" for each in told))
    for each in failed:
        print(f"FAILED {each}")


def main() -> int:
    asked = asked_for()
    try:
        chosen = benchmarks(asked.only)
    except LookupError as error:
        print(error, file=sys.stderr)
        return 2
    for number in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, end)
    signal.alarm(ENDS_AFTER_S)
    allowed = descriptors(DESCRIPTORS)
    share = QUICK_SHARE if asked.quick else 1.0
    progress = Progress({each.name: each.seconds * share for each in chosen})
    with tempfile.TemporaryDirectory(prefix="contest-bench-") as folder:
        options = asked_options(asked, Path(folder))
        progress.say(
            f"{len(chosen)} benchmarks, {options.rounds} rounds each, cheap ones {options.rounds_cheap}, {allowed} open files at most"
        )
        rows: list[Row] = []
        failed = measure(chosen, options, progress, rows)
    tell(rows, progress, failed, options, whole=not asked.only)
    write_lines(rows, asked.out)
    plot(rows, asked.plot)
    print(f"\nwritten to {asked.out} and {asked.plot}")
    if asked.commit:
        write_lines(rows, COMMITTED)
        plot(rows, PICTURE)
        show_on_page(rows, progress.skipped, PAGE, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
