"""`make test-endurance`: a thousand contestants, ten updates a second, a real server, pages on a slow computer. Fails if a page grows."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from tests.browser import chromium, evening
from tests.browser.endurance.feed import Feed, TooMuch, story
from tests.browser.endurance.gauge import COSTS, Gauge, watched
from tests.browser.endurance.trend import LIMITS, TooShort, grows, slope_of
from tests.browser.hall import LIMIT_S, Contest, Program, begun, contest_of

SIZE: ViewportSize = {"width": 1920, "height": 1080}
PHONE: ViewportSize = {"width": 360, "height": 740}
BARE = "bare"
PAGES: Mapping[str, str] = {
    "ranking": "/screen?contest={id}&lang=both",
    "lanes": "/screen?contest={id}&scene=lanes&lang=zh",
    "ticker": "/screen?contest={id}&scene=ticker&lang=zh",
    "live": "/live?contest={id}&lang=zh",
    "overlay": "/overlay?contest={id}&part=ranking&lang=zh",
}
READY = ".screen main, [data-part=board] li, [data-overlay] > *, table"
MINUTES_MOST, RATE_MOST, PEOPLE_MOST, STAGES_MOST = 240.0, 50.0, 5_000, 60


def asked_of(arguments: Sequence[str]) -> argparse.Namespace:
    """What to do, inside of bounds. Raises SystemExit with what is wrong."""
    parser = argparse.ArgumentParser(prog="test-endurance", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help=f"how long, up to {MINUTES_MOST:g}")
    parser.add_argument("--rate", type=float, default=10.0, help=f"updates a second, up to {RATE_MOST:g}")
    parser.add_argument("--contestants", type=int, default=1_000, help=f"up to {PEOPLE_MOST}")
    parser.add_argument("--stages", type=int, default=20, help=f"up to {STAGES_MOST}")
    parser.add_argument("--slow", type=float, default=4.0, help="the pages' computer is so many times slower, up to 20")
    parser.add_argument(
        "--every", type=float, default=0.0, help="seconds between two looks; without it a twentieth of the time, at least 5"
    )
    parser.add_argument("--pages", default=",".join(PAGES), help="which, with commas between: " + ", ".join(PAGES))
    asked = parser.parse_args(arguments)
    bounds = (("minutes", MINUTES_MOST), ("rate", RATE_MOST), ("contestants", PEOPLE_MOST), ("stages", STAGES_MOST), ("slow", 20.0))
    for name, most in bounds:
        if not 0 < getattr(asked, name) <= most:
            parser.error(f"--{name} is more than 0 and at most {most:g}")
    asked.pages = asked.pages.split(",")
    if unknown := set(asked.pages) - set(PAGES):
        parser.error(f"--pages: there is no {', '.join(sorted(unknown))}; there are {', '.join(PAGES)}")
    asked.every = asked.every or max(5.0, asked.minutes * 3)
    return asked


def open_pages(browser: Browser, url: str, contest: Contest, asked: argparse.Namespace) -> list[Gauge]:
    """The bare page and those that were asked for, each in a window of its own, ready."""
    gauges = []
    bare = (Path(__file__).parent / "bare.js").read_text(encoding="utf-8")
    for name in [BARE, *asked.pages]:
        size = PHONE if name == "live" else SIZE
        page = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", bypass_csp=name == BARE).new_page()
        gauges.append(watched(name, page, asked.slow))
        page.goto(url + PAGES.get(name, "/health/live").format(id=contest.id))
        if name == BARE:
            page.evaluate(bare, contest.id)
        expect(page.locator(READY).first).to_be_visible(timeout=LIMIT_S * 1_000)
    return gauges


def watch(gauges: list[Gauge], feed: Feed, asked: argparse.Namespace) -> None:
    """Look at all pages again and again until the time is over."""
    for gauge in gauges:
        gauge.begin()
    feed.start()
    begun_s = time.monotonic()
    end_s, due_s = begun_s + asked.minutes * 60, begun_s + asked.every
    while due_s <= end_s + 1:
        while (left_s := due_s - time.monotonic()) > 0:
            gauges[0].page.wait_for_timeout(1_000 * left_s)
        for gauge in gauges:
            gauge.look(feed.updates)
        heaps = "  ".join(f"{gauge.name} {gauge.kept['heap'][-1][1] / 2**20:.1f}" for gauge in gauges)
        print(f"  {(time.monotonic() - begun_s) / 60:5.1f} min, {feed.updates} updates, heaps in MiB: {heaps}", flush=True)
        due_s = max(due_s + asked.every, time.monotonic())


def report(gauges: list[Gauge]) -> list[str]:
    """Print one line a page; returns what is wrong."""
    bare, *pages = gauges
    print(f"\n{'page':10} {'frames':>7} {'CPU ms/update':>14} {'× bare':>7}", *(f"{cost:>7}" for cost in COSTS if cost != "task"), end="")
    print(f" {'long':>6} {'worst':>6} {'heap MiB':>9} {'B/update':>9} {'nodes':>6} {'/1000':>6} {'listeners':>9}")
    faults = []
    for gauge in gauges:
        costs = [f"{gauge.ms_an_update(cost):7.2f}" for cost in COSTS if cost != "task"]
        ratio, task = gauge.ms_an_update("task") / max(1e-9, bare.ms_an_update("task")), gauge.ms_an_update("task")
        long, (heap, nodes, listeners) = gauge.long_tasks(), (samples[-1][1] for samples in gauge.kept.values())
        more, more_nodes = slope_of(gauge.kept["heap"]).middle, 1_000 * slope_of(gauge.kept["nodes"]).middle
        print(f"{gauge.name:10} {gauge.frames:7} {task:14.2f} {ratio:7.2f}", *costs, end="")
        print(f" {long['tasks']:6} {long['worst_ms']:6} {heap / 2**20:9.1f} {more:9.0f} {nodes:6.0f} {more_nodes:6.1f} {listeners:9.0f}")
    for gauge in pages:
        faults += [f"{gauge.name}: {what} grow" for what in LIMITS if grows(what, gauge.kept[what], bare.kept[what])]
    return faults


def run(asked: argparse.Namespace, folder: Path) -> list[str]:
    """The whole evening, of which a third was over before the pages came; returns what is wrong."""
    people, stages = evening.crowd(asked.contestants), evening.course(asked.stages)
    happening = list(story([each["id"] for each in people], [each["id"] for each in stages]))
    before, after = happening[: len(happening) // 3], happening[len(happening) // 3 :]
    wanted = asked.minutes * 60 * asked.rate
    if wanted > len(after):
        raise TooMuch(f"{wanted:.0f} updates are more than this contest has ({len(after)}): more --stages or --contestants, or less time")
    document = evening.document("endurance", begun(1), people=people, stages=stages)
    server = Program(folder)
    keys = server.adopt(document)
    server.start()
    try:
        with sync_playwright() as playwright, httpx.Client(base_url=server.url, trust_env=False, timeout=LIMIT_S) as http:
            flags = chromium.flags(is_root=os.geteuid() == 0)
            browser = playwright.chromium.launch(executable_path=str(chromium.provide()), args=flags)
            contest = contest_of(document, http, keys)
            contest.tell(*before)
            gauges = open_pages(browser, server.url, contest, asked)
            feed = Feed(contest, iter(after), asked.rate)
            try:
                watch(gauges, feed, asked)
            finally:
                feed.end()
            faults = report(gauges)
            if feed.updates < 0.9 * wanted:
                print(f"this computer was too busy: {feed.updates} updates were told instead of {wanted:.0f}, of which each costs the same")
            browser.close()
            return faults
    finally:
        server.kill()


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 where a page grows, 2 where nothing could be told."""
    asked = asked_of(arguments)
    chromium.borrow_node()
    print(f"== {asked.minutes:g} min, {asked.contestants} contestants, {asked.rate:g} updates/s, CPU {asked.slow:g} × slower", flush=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            faults = run(asked, Path(folder))
    except (TooMuch, TooShort, chromium.NoBrowser) as fault:
        print(fault, file=sys.stderr)
        return 2
    print("\n".join(faults) if faults else "nothing grows")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
