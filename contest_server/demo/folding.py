"""The board that a round must end in, reckoned without sockets: the story through the same session and the same fold as on the server."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contest_server.core.contest import Contest
from contest_server.core.definition import Definition
from contest_server.core.facts import ContestantId, ContestId, Draft, Entry, SourceId, Standing, VenueId
from contest_server.core.rulebook import Judges
from contest_server.core.times import us_of
from contest_server.demo.telling import Device, Story
from contest_server.live.adopting import fact_of
from contest_server.wire.clock import Offset
from contest_server.wire.limits import Limits
from contest_server.wire.venue import Batch, VenueSession

ROUND_TRIP_ERROR_US = 1_000


def fold(story: Story, definition: Definition, judges: Judges, order: Sequence[Device] | None = None) -> Contest:
    """The contest after the whole story. In which order the devices are heard (`order`) must not matter."""
    assert definition.contest.starts is not None, "a round has a start"
    start_us = us_of(definition.contest.starts)
    contest = Contest(ContestId(definition.contest.id), judges)
    drafts = [Draft(start_us, "demo", fact_of(definition))]
    for device in story.devices if order is None else order:
        drafts += drafts_of(story, device, start_us)
    drafts += [Draft(start_us, "demo", Standing(ContestantId(act.contestant), act.status, act.reason)) for act in story.acts]
    for position, draft in enumerate(drafts, start=1):
        contest.advance(Entry(position, draft.received_us, draft.author, draft.fact))
    contest.settle()
    return contest


def drafts_of(story: Story, device: Device, start_us: int) -> list[Draft]:
    """What a device's events become in the ledger, each received when it was told or, after a cut, when the network was back."""
    offset = Offset(device.ahead_ms * 1_000, ROUND_TRIP_ERROR_US)
    session = VenueSession(VenueId(device.venue), SourceId(device.source), {}, Limits(), lambda: offset)
    drafts: list[Draft] = []
    for seq, told in enumerate(story.events[device], start=1):
        text = msgspec.json.encode({"type": "events", "events": [{"seq": seq, **told.wire(start_us)}]})
        batch = session.receive(text, start_us + received_ms(story, device, told.said_ms) * 1_000)
        assert isinstance(batch, Batch), "events make a batch"
        drafts += batch.drafts
    return drafts


def received_ms(story: Story, device: Device, said_ms: int) -> int:
    for cut in story.cuts:
        if cut.venue == device.venue and cut.from_ms <= said_ms < cut.to_ms:
            return cut.to_ms
    return said_ms
