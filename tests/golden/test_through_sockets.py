"""The recorded contests through a real server and real venue sockets: the same result as published, and the same digest as the fold's."""

from __future__ import annotations

import io

import pytest

from contest_server.replay.compare import compare
from contest_server.replay.own_server import own_server
from contest_server.replay.performing import Manner, Performance, perform, tape_of
from contest_server.replay.recording import Recording
from tests.golden.recorded import JUDGES, ROWS, folded, numbered, recorded

AS_IT_WAS = Manner()
IN_DISORDER = Manner(shuffle=7)
FROZEN = Manner(freeze=True)


async def _streamed(recording: Recording, manner: Manner) -> Performance:
    tape = tape_of(recording)
    async with own_server(recording.definition, JUDGES, tape.now_us) as place:
        return await perform(recording, place, tape, manner, io.StringIO())


def _differences(recording: Recording, performance: Performance) -> list[str]:
    assert recording.official is not None
    assert performance.refusals == 0
    comparison = compare(performance.board["rows"], recording.official, recording.stage_ids)
    assert comparison.compared == ROWS[recording.name]
    return [str(difference) for difference in comparison.differences]


@pytest.mark.parametrize("name", ROWS)
async def test_a_contest_streamed_through_sockets_ends_as_it_was_published(name: str) -> None:
    recording = recorded(name)
    performance = await _streamed(recording, AS_IT_WAS)
    assert _differences(recording, performance) == []
    assert performance.board["digest"] == folded(recording, numbered(recording.events)).digest()


async def test_disorder_on_the_way_does_not_show_on_the_board() -> None:
    recording = recorded("pacnw2022")
    performance = await _streamed(recording, IN_DISORDER)
    assert _differences(recording, performance) == []
    assert performance.board["digest"] == folded(recording, numbered(recording.events)).digest()


async def test_the_public_board_of_a_frozen_contest_is_the_published_frozen_one() -> None:
    recording = recorded("wf47")
    performance = await _streamed(recording, FROZEN)
    assert performance.board["state"]["frozen"]["minutes"] == 60
    assert _differences(recording, performance) == []
