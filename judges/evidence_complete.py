"""Photos and documents that have to be there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from contest_server.core.judging import API_VERSION, Attempt, Doubt, Evidence, Opinion, Said, Score, Step, Text
from judges.exact import check_distinct, check_marks, check_places, overwritten, rounded
from judges.listed import rows_of, text_in, whole_in, without_blanks

WHEN = Said("Open the file, and confirm it only where it shows this work at this time.")


@dataclass(frozen=True, slots=True)
class RequiredFile:
    """`kind` of file, e.g. front_photo, and how many of it (`count`, 1)."""

    kind: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class EvidenceComplete:
    """Give the share of the required files that is present (A16). A file that is too small is not there.

    A file is {kind, bytes, sha256, at_ms}: its size, its hash and when it was made in ms of contest time. The same file counts once.
    Only a file that counts is asked when it was made. Several contestants with the same file are a question of `same_evidence`.

    max: the marks where everything is there
    field: the field of the evidence with the files
    required: what has to be there, each {kind, count}
    least_bytes: a file below this size is not there
    window_s: how many seconds before the start and after the end of the attempt a file may be made; outside is a question (none: any)
    places: decimal places the marks are rounded to, halves up
    """

    rule: ClassVar[str] = "evidence_complete"
    catalogue: ClassVar[str] = "A16"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "4"

    max: Decimal
    field: str
    required: tuple[RequiredFile, ...]
    least_bytes: int = 1
    window_s: int | None = None
    places: int = 4

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_places(self.places)
        check_distinct("required", [each.kind for each in self.required])
        if not self.required:
            raise ValueError(Said("required is empty; name at least one kind of file"))
        for each in self.required:
            if each.count < 1:
                raise ValueError(Said("the count of {kind} is {count}; it counts files from 1", kind=each.kind, count=each.count))
        if self.least_bytes < 0 or (self.window_s or 0) < 0:
            raise ValueError(Said("least_bytes and window_s are not below 0"))
        without_blanks(self, "required")

    def score(self, evidence: Evidence) -> Score:
        files = [_file(self.field, row) for row in rows_of(evidence, self.field)]
        ignored: dict[str, Text] = {}
        counted = self._counted(files, ignored)
        good = Counter(file.kind for file in counted)
        present, wanted, steps = 0, 0, []
        for each in self.required:
            found = min(each.count, good[each.kind])
            present, wanted = present + found, wanted + each.count
            steps.append(Step(Said("{kind}: {present} of {count}", kind=each.kind, present=good[each.kind], count=each.count), str(found)))
        marks = rounded(Fraction(self.max) * present / wanted, self.places, self.max)
        steps.append(Step(Said("{present} / {wanted} × {max}", present=present, wanted=wanted, max=self.max), Said("{marks}", marks=marks)))
        opinions = tuple(self._outside(evidence.attempt, counted))
        return Score(marks, self.max, tuple(steps), dict(sorted(good.items())), ignored | overwritten(evidence, self.field), opinions)

    def _counted(self, files: Sequence[_File], ignored: dict[str, Text]) -> Sequence[_File]:
        """The files that are there; why the others are not goes into `ignored`."""
        kinds = {each.kind for each in self.required}
        counted: list[_File] = []
        seen: set[str] = set()
        for number, file in enumerate(files, start=1):
            name = f"file {number} ({file.kind})"
            if file.kind not in kinds:
                ignored[name] = Said("nobody asked for this kind")
            elif file.size < self.least_bytes:
                ignored[name] = Said("{size} bytes; at least {least_bytes} are needed", size=file.size, least_bytes=self.least_bytes)
            elif file.sha256 and file.sha256 in seen:
                ignored[name] = Said("the same file again")
            else:
                counted.append(file)
                seen.add(file.sha256)
        return counted

    def _outside(self, attempt: Attempt, files: Sequence[_File]) -> Iterator[Opinion]:
        if self.window_s is None:
            return
        slack_ms = self.window_s * 1000
        since_ms, until_ms = (attempt.start_ms or 0) - slack_ms, attempt.time_ms + slack_ms
        for file in files:
            if file.at_ms is None:
                detail = Said("{kind}: nobody knows when it was made", kind=file.kind)
                yield Opinion(Doubt.QUESTIONABLE, detail, code="file_time_unknown", suggestion=WHEN)
            elif not since_ms <= file.at_ms <= until_ms:
                detail = Said(
                    "{kind} was made at {at_ms:ms}, outside {since_ms:ms} to {until_ms:ms}",
                    kind=file.kind,
                    at_ms=file.at_ms,
                    since_ms=max(0, since_ms),
                    until_ms=until_ms,
                )
                yield Opinion(Doubt.QUESTIONABLE, detail, "file_outside_window", [since_ms, until_ms], file.at_ms, suggestion=WHEN)


@dataclass(frozen=True, slots=True)
class _File:
    kind: str
    size: int
    sha256: str
    at_ms: int | None


def _file(field: str, row: Any) -> _File:
    kind = text_in(row, "kind", field)
    sha256 = row.get("sha256")
    at_ms = None if row.get("at_ms") is None else whole_in(row, "at_ms", field)
    return _File(kind, whole_in(row, "bytes", f"{field}: {kind}"), sha256.lower() if isinstance(sha256, str) else "", at_ms)
