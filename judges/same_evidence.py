"""The same file from two contestants, wherever it stands in their evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from contest_server.core.facts import ContestantId
from contest_server.core.judging import API_VERSION, Doubt, Finding, Opinion, Said, SeenFile, Survey
from judges.referees import together


@dataclass(frozen=True, slots=True)
class SameEvidence:
    """Ask about a file that several contestants handed in, at the same stage or at different ones, under any rule (F).

    A file is known by a field whose name ends in `sha256`, anywhere in the evidence; the hash of an empty file says nothing. Each of
    the contestants is asked about, once a stage. A file that came from more than `most` contestants is one question.

    most: from how many contestants a file may come and each of them is asked about
    """

    rule: ClassVar[str] = "same_evidence"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    most: int = 5

    def __post_init__(self) -> None:
        if self.most < 1:
            raise ValueError(Said("most is {most}; it counts contestants from 1", most=self.most))

    def survey(self, board: Survey) -> Sequence[Finding]:
        owners: dict[str, set[ContestantId]] = {}
        for file in board.files:
            owners.setdefault(file.sha256, set()).add(file.contestant)
        shared = {sha256: several for sha256, several in owners.items() if len(several) > 1}
        everybody = sorted(sha256 for sha256, several in shared.items() if len(several) > self.most)
        return [*self._asked(board.files, shared), *(self._handed_out(sha256, len(shared[sha256])) for sha256 in everybody)]

    def _asked(self, files: Sequence[SeenFile], shared: Mapping[str, set[ContestantId]]) -> Iterator[Finding]:
        several: dict[tuple[ContestantId, str], list[SeenFile]] = {}
        for file in files:
            if file.sha256 in shared and len(shared[file.sha256]) <= self.most:
                several.setdefault((file.contestant, file.stage), []).append(file)
        for (contestant, _), same in sorted(several.items()):
            others = sorted({other for file in same for other in shared[file.sha256]} - {contestant})
            hashes = sorted({f"{file.sha256[:12]}…" for file in same})
            detail = Said(
                "{hashes} in {fields} came from {others} as well",
                hashes=together(hashes),
                fields=sorted({file.field for file in same}),
                others=others,
            )
            advice = Said(
                "Open the files of {contestant} and {others} side by side, and find out who made them.",
                contestant=contestant,
                others=others,
            )
            opinion = Opinion(Doubt.QUESTIONABLE, detail, "same_evidence", 1, len(others) + 1, suggestion=advice)
            yield Finding(opinion, f"the same as {', '.join(others)}", contestant, same[0].stage)

    def _handed_out(self, sha256: str, count: int) -> Finding:
        detail = Said(
            "the file {sha256}… came from {count} contestants: possibly something that everybody was given", sha256=sha256[:12], count=count
        )
        advice = Said("Open it once: a form that was handed out may stay, a copied work may not.")
        return Finding(Opinion(Doubt.QUESTIONABLE, detail, "same_evidence", self.most, count, suggestion=advice), f"file {sha256[:12]}")
