"""Each law goes red under the fault that is seeded against it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.laws import board_faults as board_faults
from tests.laws import broadcast_faults as broadcast_faults
from tests.laws import door_faults as door_faults
from tests.laws import line_faults as line_faults
from tests.laws import login_faults as login_faults
from tests.laws import proceeding_faults as proceeding_faults
from tests.laws import review_faults as review_faults
from tests.laws import ruling_faults as ruling_faults
from tests.laws import server_faults as server_faults
from tests.laws.faults import FAULTS, Fault

SEARCH = settings(
    max_examples=1_000, phases=[Phase.generate], database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
"""More examples than a law gets by itself, always the same ones, and no time spent on making the failure small."""


def hold(law: Callable[..., Any], arguments: tuple[Any, ...], folder: Path) -> None:
    """Run a law as its own test would: with its strategies, its arguments, or a folder to write to."""
    handle = getattr(law, "hypothesis", None)
    if handle is not None:
        SEARCH(given(**handle._given_kwargs)(handle.inner_test))()
        return
    more = {"tmp_path": folder} if "tmp_path" in inspect.signature(law).parameters else {}
    result = law(*arguments, **more)
    if inspect.iscoroutine(result):
        asyncio.run(result)


@pytest.mark.parametrize("seeded", FAULTS, ids=lambda seeded: f"{seeded.name} / {seeded.law.__name__}")
def test_a_law_goes_red_under_its_fault(seeded: Fault, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seeded.seed(monkeypatch)
    with pytest.raises(BaseException) as red:
        hold(seeded.law, seeded.arguments, tmp_path)
    assert not isinstance(red.value, (KeyboardInterrupt, SystemExit, NameError, TypeError, ImportError)), "the seed is broken, not the law"
