"""Stages that a rule names: each once, and each one of the contest's. Shared by the rules about several stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from contest_server.core.judging import Said, StageView


def unknown_stages(rule: str, named: Iterable[str], stages: Sequence[StageView]) -> Iterator[Said]:
    """A sentence for each of these names that is no stage's."""
    known = sorted(str(stage.id) for stage in stages)
    for name in named:
        if name not in known:
            yield Said("{rule}: {name!r} is not a stage; stages are {known}", rule=rule, name=name, known=known)
