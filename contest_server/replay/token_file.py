"""The tokens to stream with to a server that runs already: a line `VENUE TOKEN` for each venue, and `staff TOKEN` where there is one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from contest_server.core.facts import VenueId
from contest_server.replay.recording import UnreadableRecording
from contest_server.replay.tables import read_bytes

STAFF = "staff"


def read_tokens(path: Path, venues: Iterable[VenueId]) -> tuple[dict[VenueId, str], str | None]:
    """The token of each venue, and that of staff. Blank lines and lines that begin with # say nothing.

    Raises:
        UnreadableRecording: naming the line, or the venues without a token. Never shows a token.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(read_bytes(path).decode("utf-8", "replace").splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 2:
            raise UnreadableRecording(f"{path}: line {number}: expected a venue and its token, with a blank between them")
        found[words[0]] = words[1]
    missing = [venue for venue in venues if venue not in found]
    if missing:
        raise UnreadableRecording(f"{path}: no token for {', '.join(missing)}; make one with contest-server token --venue {missing[0]}")
    return {venue: found[venue] for venue in venues}, found.get(STAFF)
