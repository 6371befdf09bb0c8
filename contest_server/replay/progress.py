"""What a person sees while a recording is streamed: a bar on a terminal, otherwise a line every few seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TextIO

from contest_server.replay.sending import Sender

BAR_COLUMNS = 24
TERMINAL_EVERY_S = 0.2
LINE_EVERY_S = 3.0


def bar(done: int, total: int, columns: int = BAR_COLUMNS) -> str:
    """[#######.................]"""
    filled = columns if total == 0 else columns * done // total
    return f"[{'#' * filled}{'.' * (columns - filled)}]"


def line_of(senders: Sequence[Sender], elapsed_s: float) -> str:
    """Events acknowledged of all, the rate, what is on its way, and each venue's share."""
    acknowledged, total = sum(sender.acknowledged for sender in senders), sum(len(sender.stream.events) for sender in senders)
    under_way = sum(sender.sent - sender.acknowledged for sender in senders)
    rate = acknowledged / elapsed_s if elapsed_s > 0 else 0.0
    return f"{acknowledged:,} of {total:,} events acknowledged, {under_way:,} under way, {rate:,.0f}/s; {_venues(senders)}"


def _venues(senders: Sequence[Sender], shown_max: int = 6) -> str:
    shares: dict[str, tuple[int, int]] = {}
    for sender in senders:
        done, total = shares.get(sender.stream.venue, (0, 0))
        shares[sender.stream.venue] = (done + sender.acknowledged, total + len(sender.stream.events))
    shown = [f"{venue} {done}/{total}" for venue, (done, total) in list(shares.items())[:shown_max]]
    return ", ".join(shown) + (f" and {len(shares) - shown_max} more venues" if len(shares) > shown_max else "")


async def show(senders: Sequence[Sender], out: TextIO) -> None:
    """Until cancelled."""
    begun_s = time.monotonic()
    terminal = out.isatty()
    while True:
        await asyncio.sleep(TERMINAL_EVERY_S if terminal else LINE_EVERY_S)
        text = line_of(senders, time.monotonic() - begun_s)
        if terminal:
            done, total = sum(each.acknowledged for each in senders), sum(len(each.stream.events) for each in senders)
            out.write(f"\r{bar(done, total)} {text}"[:160].ljust(160) + "\r")
        else:
            out.write(text + "\n")
        out.flush()
