"""`make faults`: blow after blow on real servers, agents, displays and databases, until the time is over. One seed decides everything."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from random import Random

from contest_server.ledger.verifying import Contradiction
from tests.faults.blow import Blow
from tests.faults.blows import BLOWS, blows_for
from tests.faults.checks import Fold
from tests.faults.databases import at
from tests.faults.hall import Hall
from tests.faults.laws import check
from tests.faults.opening import open_hall
from tests.faults.plan import LONG, SHORT, Plan
from tests.faults.run import Survived, strike
from tests.faults.world import settle_in, way_in

SEEDS = 1_000_000
BEGIN = "\r" if sys.stdout.isatty() else ""
RED = (AssertionError, Contradiction)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults ARGS=…", description=__doc__)
    parser.add_argument(
        "--seed", type=int, default=int(time.time()) % SEEDS, help="what happens, where and when (default: another one each time)"
    )
    parser.add_argument("--minutes", type=float, default=2.0, help="how long; the last blow is finished (default: 2)")
    parser.add_argument(
        "--db", choices=("sqlite", "postgresql"), default="postgresql", help="what the servers write to (default: postgresql)"
    )
    parser.add_argument("--servers", type=int, default=LONG.servers, help="how many servers share it")
    parser.add_argument("--venues", type=int, default=LONG.venues, help="how many venues send events, one agent each")
    parser.add_argument("--displays", type=int, default=LONG.displays, help="how many displays watch")
    parser.add_argument("--gone", type=float, default=LONG.gone_s, help="seconds for which a database is gone")
    parser.add_argument("--blow", action="append", choices=sorted(BLOWS), help="only this one (may be given again)")
    parser.add_argument("--once", action="store_true", help="each blow once, however long it takes")
    parser.add_argument("--short", action="store_true", help="little patience, as in make test-long")
    parser.add_argument("--world", action="store_true", help="blows that need a network and a disk of their own (namespaces; SQLite)")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--keep", type=Path, help="folder for logs, outboxes and the export; otherwise it is gone after a green run")
    return parser.parse_args()


def plan_of(asked: argparse.Namespace) -> Plan:
    kind = replace(SHORT, gone_s=min(SHORT.gone_s, asked.gone)) if asked.short else replace(LONG, gone_s=asked.gone)
    return replace(kind, seed=asked.seed, servers=asked.servers, venues=asked.venues, displays=asked.displays)


def order_of(possible: list[Blow], dice: Random) -> list[Blow]:
    """Each once, in an order that the dice say; then anew."""
    return dice.sample(possible, len(possible))


async def run(asked: argparse.Namespace, folder: Path) -> list[Survived]:
    """Raises AssertionError at the first law that does not hold."""
    plan = plan_of(asked)
    possible = [each for each in blows_for(asked.db, plan.servers, in_world=asked.inside) if not asked.blow or each.name in asked.blow]
    assert possible, f"none of these blows goes with {asked.db} and {plan.servers} servers, in a world of its own: {asked.inside}"
    dice, survived = plan.dice("order"), list[Survived]()
    async with AsyncExitStack() as stack:
        disk = settle_in(folder) if asked.inside else folder
        database = await stack.enter_async_context(at(asked.db, disk, plan.dice("database")))
        hall = await stack.enter_async_context(open_hall(plan, folder, database))
        coming, until_s = order_of(possible, dice), time.monotonic() + asked.minutes * 60
        while coming if asked.once else not survived or time.monotonic() < until_s:
            coming = coming or order_of(possible, dice)
            blow = coming.pop()
            print(f"{len(survived) + 1:4} {blow.name} …", end="" if sys.stdout.isatty() else "\n", flush=True)
            survived.append(await strike(hall, blow, plan.dice(f"{len(survived)} {blow.name}")))
            print(f"{BEGIN}{len(survived):4} {told(survived[-1])}", flush=True)
        await last_check(hall)
    return survived


async def last_check(hall: Hall) -> None:
    """Once more, with a fold that has seen none of it before."""
    hall.fold = Fold()
    await check(hall)


def told(one: Survived) -> str:
    return (
        f"{one.name:32} {one.events:9,} acknowledged · position {one.position:9,} · "
        f"{one.stale_spells:3} times stale · well again after {one.recovered_s:6.2f} s"
    )


def main() -> int:
    asked = arguments()
    if asked.world and not asked.inside:
        way = way_in()
        assert way is not None, "this machine lets nobody make namespaces"
        return subprocess.run([*way, sys.executable, "-m", "tests.faults", *sys.argv[1:], "--inside"], check=False).returncode
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="contest-faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"== faults: seed {asked.seed}, {asked.db}, {asked.servers} servers, {asked.venues} venues, {asked.displays} displays; {folder}")
    try:
        survived = asyncio.run(run(asked, folder))
    except RED as error:
        print(f'\n\nRED   {error}\n\nagain: make faults ARGS="{" ".join(sys.argv[1:])}" (seed {asked.seed}); everything is in {folder}')
        return 1
    print(f"== {len(survived)} blows survived, {survived[-1].events:,} events acknowledged: each is there once, all boards are equal")
    if asked.keep is None:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
