"""Acts of officials, drawn narrowly: few names, so that rulings, second answers and undos meet on the same attempts."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from contest_server.core.acts import (
    Act,
    Action,
    Annul,
    Confirm,
    Disqualify,
    Hold,
    Marked,
    Override,
    Penalise,
    Reinstate,
    Remove,
    Rerun,
    Ruled,
    Seconded,
    SendBack,
    SetStatus,
    StartClock,
    StopClock,
    Undo,
)
from contest_server.core.ids import ActId, AttemptId, ContestantId, OfficialId, StageId, VenueId
from tests.contests import START_US

OFFICIALS = ("R1", "R2", "C1")
NAMES = tuple(f"r{number}" for number in range(6))
CONTESTANTS = ("A1", "A1", "A1", "B1")
STAGES = ("wiring", "wiring", "quiz")
ATTEMPTS = ("1", "1", "2")

ON_AN_ATTEMPT: SearchStrategy[Action] = st.sampled_from(
    [
        Annul(),
        Reinstate(),
        Rerun(),
        SendBack(),
        Confirm(),
        Override(outcome="accepted"),
        Override(outcome="rejected"),
        Override(marks="3"),
        Override(aspect="insulation", marks="1.5"),
        Penalise(marks="2"),
        Penalise(marks="-1", time_ms=-2_000),
        Disqualify(),
        Disqualify("power_up"),
    ]
)
OF_A_CONTESTANT: SearchStrategy[Action] = st.sampled_from(
    [
        Penalise(marks="5"),
        Penalise(time_ms=3_000),
        Disqualify(),
        SetStatus("dnf"),
        SetStatus("dns"),
        SetStatus("ok"),
        Remove(START_US, START_US + 3_000_000),
        StopClock(START_US + 1_000_000),
        StartClock(START_US + 2_500_000),
    ]
)
OF_THE_CONTEST: SearchStrategy[Action] = st.sampled_from(
    [Remove(START_US + 1_000_000, START_US + 4_000_000), Remove(START_US, START_US + 2_000_000, VenueId("yueqing"))]
)


@st.composite
def rulings(draw: DrawFn, name: str) -> Ruled:
    kind = draw(st.sampled_from(("attempt", "attempt", "attempt", "contestant", "stage", "contest", "undo")))
    about: dict[str, Any] = {"contestant": None, "stage": None, "attempt": None}
    who, where = ContestantId(draw(st.sampled_from(CONTESTANTS))), StageId(draw(st.sampled_from(STAGES)))
    match kind:
        case "attempt":
            action = draw(ON_AN_ATTEMPT)
            about = {"contestant": who, "stage": where, "attempt": AttemptId(draw(st.sampled_from(ATTEMPTS)))}
        case "contestant":
            action, about["contestant"] = draw(OF_A_CONTESTANT), who
        case "stage":
            action, about["stage"] = Hold(START_US + draw(st.integers(0, 6)) * 1_000_000), where
        case "contest":
            action = draw(OF_THE_CONTEST)
        case _:
            action = Undo(ActId(draw(st.sampled_from(NAMES))))
    return Ruled(
        id=ActId(name),
        at_us=START_US + draw(st.integers(0, 8)) * 1_000_000,
        official=OfficialId(draw(st.sampled_from(OFFICIALS))),
        action=action,
        code="other",
        reason="drawn",
        needs=draw(st.sampled_from(((), (), ("moves 5 points",)))),
        **about,
    )


@st.composite
def seconds(draw: DrawFn, number: int) -> Seconded:
    return Seconded(
        ActId(f"s{number}"),
        START_US + draw(st.integers(0, 8)) * 1_000_000,
        OfficialId(draw(st.sampled_from(OFFICIALS))),
        ActId(draw(st.sampled_from(NAMES))),
        draw(st.booleans()),
        "drawn",
    )


@st.composite
def marks(draw: DrawFn, number: int) -> Marked:
    """Marks of a panel of three at the wiring, by three referees."""
    return Marked(
        ActId(f"m{number}"),
        START_US + draw(st.integers(0, 8)) * 1_000_000,
        OfficialId(draw(st.sampled_from(OFFICIALS))),
        StageId("wiring"),
        "order",
        draw(st.sampled_from(("1", "2", "3"))),
        ContestantId(draw(st.sampled_from(CONTESTANTS))),
        AttemptId(draw(st.sampled_from(ATTEMPTS))),
    )


@st.composite
def acts(draw: DrawFn) -> list[Act]:
    """What officials state in the course of a contest."""
    found: list[Act] = [draw(rulings(name)) for name in NAMES[: draw(st.integers(0, len(NAMES)))]]
    found += [draw(seconds(number)) for number in range(draw(st.integers(0, 4)))]
    found += [draw(marks(number)) for number in range(draw(st.integers(0, 5)))]
    return found
