"""The names of things, as types of their own, so that one is never taken for another."""

from __future__ import annotations

from typing import NewType

ContestId = NewType("ContestId", str)
ContestantId = NewType("ContestantId", str)
StageId = NewType("StageId", str)
VenueId = NewType("VenueId", str)
SourceId = NewType("SourceId", str)
AttemptId = NewType("AttemptId", str)
OfficialId = NewType("OfficialId", str)
ActId = NewType("ActId", str)
"""Chosen by whoever acts, unique in the contest: sending the same act again changes nothing."""
