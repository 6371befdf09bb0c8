"""`make fuzz`: atheris, led by which lines an input reaches, against every reader in turn. Each has a process of its own: it ends with it.

Options: --seconds N for each reader (10), --runs N instead, --only NAME,NAME, --seed N.
Exit codes: 0 nothing found, 1 a fault, 2 bad usage.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.fuzz.mutations import spoiled

ROOT = Path(__file__).parents[2]
SPOILED_SEEDS = 20
INPUT_MAX_BYTES = 4_096
GRACE_S = 300
"""To load and to instrument everything."""


def main() -> int:
    """Fuzz the readers that are asked for."""
    options = _options()
    if importlib.util.find_spec("atheris") is None:
        sys.stdout.write("fuzz: left out, because atheris has no wheel for this Python or machine\n")
        return 0
    if options.here:
        _here(options.here, options.rest)
    from tests.fuzz.targets import TARGETS

    names = options.only.split(",") if options.only else list(TARGETS)
    unknown = [name for name in names if name not in TARGETS]
    if unknown:
        sys.stdout.write(f"fuzz: no reader is called {', '.join(unknown)}; there are {', '.join(TARGETS)}\n")
        return 2
    found = [name for name in names if _beside(name, TARGETS[name].seeds, options)]
    return int(bool(found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--here", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*")
    return parser.parse_args()


def _beside(name: str, seeds: Sequence[bytes], options: argparse.Namespace) -> bool:
    """Fuzz one reader in a process of its own. Whether a fault was found; the input that shows it is kept and named."""
    limit = f"-runs={options.runs}" if options.runs else f"-max_total_time={options.seconds}"
    with tempfile.TemporaryDirectory() as corpus:
        _write_corpus(seeds, Path(corpus), Random(options.seed))
        found = Path(tempfile.gettempdir()) / f"contest-fuzz-{name}-"
        arguments = [corpus, limit, f"-seed={options.seed}", f"-max_len={INPUT_MAX_BYTES}", "-timeout=20", f"-artifact_prefix={found}"]
        command = [sys.executable, "-m", "tests.fuzz", "--here", name, "--", *arguments]
        patience_s = GRACE_S + (options.seconds if options.runs is None else 0)
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=patience_s, check=False)
        except subprocess.TimeoutExpired:
            sys.stdout.write(f"{name}: did not end within {patience_s} s\n")
            return True
    if done.returncode == 0:
        sys.stdout.write(f"{name}: nothing found\n")
    else:
        sys.stdout.write(f"{name}: FOUND\n{done.stdout[-3_000:]}{done.stderr[-3_000:]}\n")
    sys.stdout.flush()
    return done.returncode != 0


def _write_corpus(seeds: Sequence[bytes], folder: Path, chance: Random) -> None:
    """What the reader is meant to read, and some of it spoiled."""
    for number, seed in enumerate([*seeds, *(spoiled(chance.choice(seeds), chance) for _ in range(SPOILED_SEEDS))]):
        (folder / f"seed-{number:03}").write_bytes(seed)


def _here(name: str, arguments: list[str]) -> None:
    """In this process, which atheris ends. What is looked at is instrumented as it is imported: ours, and nothing else."""
    import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]

    with atheris.instrument_imports(include=["contest_server", "judges"]):
        from tests.fuzz.targets import TARGETS

    def once(data: bytes) -> None:
        TARGETS[name].read(data)

    atheris.Setup([sys.argv[0], *arguments], once)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
