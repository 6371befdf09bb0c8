"""The same recording in another shape. Refuses to change what happened, or when."""

from __future__ import annotations

from dataclasses import replace

from contest_server.core.facts import VenueId
from contest_server.replay.recording import Recording
from contest_server.replay.sites import MAIN


def at_one_venue(recording: Recording) -> Recording:
    """Everybody at one venue, and its one device sends everything."""
    main = VenueId("main")
    events = sorted((replace(event, venue=main) for told in recording.events.values() for event in told), key=lambda event: event.at_us)
    document = {
        **recording.definition,
        "venues": [{"id": main, "name": MAIN}],
        "contestants": [{**row, "venue": main} for row in recording.definition["contestants"]],
    }
    return replace(recording, definition=document, events={main: events})
