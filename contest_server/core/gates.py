"""Gates: which stages were not open to a contestant. What is held there neither counts nor is lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from contest_server.core.asking import FAILED, Line, ask, asked_line, is_told, skipped_line
from contest_server.core.cells import gravest
from contest_server.core.facts import ContestantId, StageId, VenueId
from contest_server.core.judging import ZERO, CellResult, ContestantRecord, Doubt, Opinion
from contest_server.core.rulebook import Rulebook, StageRules
from contest_server.core.totalling import record_of


def ask_gates(
    contestant: ContestantId,
    venue: VenueId | None,
    cells: Mapping[StageId, CellResult],
    book: Rulebook,
    released: Collection[StageId] = (),
) -> tuple[dict[StageId, CellResult], dict[StageId, list[Line]]]:
    """Hold the stages that were not open, but those that a ruling `released`. Asked again until nothing changes: a stage behind a held one
    may be held as well.

    Holding never opens a stage, so there are at most as many rounds as stages.
    """
    results = dict(cells)
    if not book.gated:
        return results, {}
    gated = [rules for rules in book.gated if rules.view.id in cells]
    lines: dict[StageId, list[Line]] = {}
    for _ in range(len(gated) + 1):
        record = record_of(contestant, venue, results, book)
        lines = {rules.view.id: _gate_lines(record, rules) for rules in gated}
        held = {s for s, found in lines.items() if s not in released and _is_held(found) and results[s].state != "held"}
        if not held:
            break
        for stage in held:
            results[stage] = replace(results[stage], state="held", marks=ZERO, passed=False, clear_ms=None, penalty_ms=0)
    return _with_statuses(results, lines, released), lines


def _with_statuses(
    results: dict[StageId, CellResult], lines: Mapping[StageId, Sequence[Line]], released: Collection[StageId]
) -> dict[StageId, CellResult]:
    """The results with what the gates say of the contestant for each stage, but for those that a ruling `released`."""
    for stage, found in lines.items():
        said = {opinion.status for line in found for opinion in line.opinions}
        if stage not in released and said - {None}:
            results[stage] = replace(results[stage], status=gravest({*said, results[stage].status}))
    return results


def _gate_lines(record: ContestantRecord, rules: StageRules) -> list[Line]:
    found = []
    for rule in rules.gates:
        opinion = ask(rule, "gate", record, rules.view)
        if isinstance(opinion, Opinion):
            found.append(asked_line(rule, "stage", opinion))
        elif is_told(opinion):
            found.append(skipped_line(rule, "stage", opinion))
    return found


def _is_held(lines: Sequence[Line]) -> bool:
    return any(opinion.doubt is Doubt.BAD or opinion.code in FAILED for line in lines for opinion in line.opinions)
