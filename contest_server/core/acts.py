"""What officials state: rulings, marks, sign-offs, appeals. Each is one entry with author, reason and time; a ruling undoes it.

Every act carries the id that its author chose and `at_us`, the server's time when it was made. The fold orders acts by (at_us, id), never
by arrival. Marks travel as decimal text. Amounts that are taken are positive, what is given back is negative.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from contest_server.core.ids import ActId, AttemptId, ContestantId, OfficialId, SourceId, StageId, VenueId

Status = Literal["ok", "overtime", "missed", "dnf", "dsq", "dns", "withdrawn", "guest"]
"""What a contestant's result is worth in the order (D6). "missed": finished, but without a stage that has to be cleared (MissingPunch)."""
ReasonCode = Literal[
    "checked",
    "rule_misapplied",
    "evidence_reviewed",
    "entry_error",
    "device_fault",
    "clock_fault",
    "wrong_contestant",
    "venue_stoppage",
    "safety",
    "conduct",
    "appeal_upheld",
    "re_run_ruled",
    "other",
]
"""Why, as a closed list. The text beside it says it in words."""

MarksText = Annotated[str, Meta(pattern=r"^-?[0-9]{1,7}(\.[0-9]{1,6})?$")]
"""Marks as decimal text."""


# ---- what a ruling does ----------------------------------------------------------------------------------------------------------


class Confirm(Struct, frozen=True, tag_field="verb", tag="confirm"):
    """The judgement is right as it stands; the questions named in the ruling are answered."""


class Override(Struct, frozen=True, tag_field="verb", tag="override", omit_defaults=True):
    """Other marks for an aspect (for the whole stage, without `aspect`), or another outcome of the attempt."""

    aspect: str | None = None
    marks: MarksText | None = None
    outcome: Literal["accepted", "rejected", "free"] | None = None


class Annul(Struct, frozen=True, tag_field="verb", tag="annul"):
    """The attempt does not count, as if it had never been made (E6)."""


class Reinstate(Struct, frozen=True, tag_field="verb", tag="reinstate"):
    """The attempt counts, whatever holds it: a gate, an admission rule, its being a re-run."""


class Rerun(Struct, frozen=True, tag_field="verb", tag="rerun"):
    """The contestant may try again (E3). Later attempts are held until ruled on; one that is reinstated takes this one's place."""


class SendBack(Struct, frozen=True, tag_field="verb", tag="return"):
    """Back to the venue: the attempt is pending until evidence that is later than this ruling arrives."""


class Penalise(Struct, frozen=True, tag_field="verb", tag="penalise", omit_defaults=True):
    """Marks or time taken (positive) or given back (negative, 补时), at a stage or, without one, in the whole contest (E4)."""

    marks: MarksText = "0"
    time_ms: int = 0


class Disqualify(Struct, frozen=True, tag_field="verb", tag="disqualify", omit_defaults=True):
    """Of an aspect (0 marks), of a stage (0 marks, not cleared), or without a stage of the contest (E5)."""

    aspect: str | None = None


class SetStatus(Struct, frozen=True, tag_field="verb", tag="status"):
    """DNS, DNF, … of a contestant, or "ok" again."""

    status: Status


class Hold(Struct, frozen=True, tag_field="verb", tag="hold"):
    """Judging of a stage rests (E7): what is handed in from `from_us` on is pending until this ruling is undone."""

    from_us: int


class Remove(Struct, frozen=True, tag_field="verb", tag="remove", omit_defaults=True):
    """This interval is no contest time (E2): for a venue, for the ruling's contestant, or for all."""

    from_us: int
    to_us: int
    venue: VenueId | None = None


class StopClock(Struct, frozen=True, tag_field="verb", tag="stop_clock"):
    """The contestant's own clock stands still from then on, e.g. while a stage is set up again (B2), until it is started."""

    from_us: int


class StartClock(Struct, frozen=True, tag_field="verb", tag="start_clock"):
    """The contestant's own clock goes on at that moment, whoever stopped it before."""

    at_us: int


class Step(Struct, frozen=True, tag_field="verb", tag="step"):
    """Where a contestant is between registration and start (E1)."""

    to: Literal["registered", "called", "ready"]


class Reopen(Struct, frozen=True, tag_field="verb", tag="reopen"):
    """The final result is open again. Always needs a second person."""


class Undo(Struct, frozen=True, tag_field="verb", tag="undo"):
    """What that act did is undone. An undo can be undone."""

    act: ActId


Action = (
    Confirm
    | Override
    | Annul
    | Reinstate
    | Rerun
    | SendBack
    | Penalise
    | Disqualify
    | SetStatus
    | Hold
    | Remove
    | StopClock
    | StartClock
    | Step
    | Reopen
    | Undo
)


# ---- entries ---------------------------------------------------------------------------------------------------------------------


class Ruled(Struct, frozen=True, tag="ruled", omit_defaults=True):
    """An official's ruling. `needs` says why a second person has to approve it; empty: it is in force at once.

    `flags` are the keys of the questions that it answers. `appeal` is the appeal that it carries out.
    """

    id: ActId
    at_us: int
    official: OfficialId
    action: Action
    code: ReasonCode
    reason: str
    contestant: ContestantId | None = None
    stage: StageId | None = None
    attempt: AttemptId | None = None
    needs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    appeal: ActId | None = None


class Seconded(Struct, frozen=True, tag="seconded", omit_defaults=True):
    """A second person approves or rejects a ruling; never its own author. The first answer counts."""

    id: ActId
    at_us: int
    official: OfficialId
    ruling: ActId
    approve: bool
    reason: str = ""


class Marked(Struct, frozen=True, tag="marked", omit_defaults=True):
    """A referee's mark, or one of two independent entries of a measured value. `code` instead of a contestant: a blind code."""

    id: ActId
    at_us: int
    official: OfficialId
    stage: StageId
    aspect: str
    value: str
    contestant: ContestantId | None = None
    attempt: AttemptId | None = None
    code: str | None = None


class Signed(Struct, frozen=True, tag="signed", omit_defaults=True):
    """A contestant, a referee or the chief referee signs a contestant's result as it is (`digest` of the row) (E12)."""

    id: ActId
    at_us: int
    official: OfficialId
    contestant: ContestantId
    role: Literal["contestant", "referee", "chief"]
    digest: str


AppealState = Literal["filed", "admitted", "late", "under_review", "upheld", "dismissed", "second_level", "final"]


class Appealed(Struct, frozen=True, tag="appealed", omit_defaults=True):
    """An appeal is filed (E10), for a contestant, about a stage, an attempt or a ruling. `evidence` names files, entries, witnesses."""

    id: ActId
    at_us: int
    official: OfficialId
    contestant: ContestantId
    text: str
    stage: StageId | None = None
    attempt: AttemptId | None = None
    ruling: ActId | None = None
    evidence: tuple[str, ...] = ()


class AppealMoved(Struct, frozen=True, tag="appeal_moved", omit_defaults=True):
    """An appeal goes on. `panel` are the officials who decided, `rulings` what carries the decision out."""

    id: ActId
    at_us: int
    official: OfficialId
    appeal: ActId
    to: AppealState
    reason: str
    panel: tuple[OfficialId, ...] = ()
    rulings: tuple[ActId, ...] = ()


class Drawn(Struct, frozen=True, tag="drawn"):
    """A layer of blind codes was drawn (E11). The ledger holds only the commitment until the layer is revealed."""

    id: ActId
    at_us: int
    official: OfficialId
    layer: int
    count: int
    commitment: str


class Revealed(Struct, frozen=True, tag="revealed"):
    """What each code of a layer stands for: a contestant in layer 1, a code of the layer below in others."""

    id: ActId
    at_us: int
    official: OfficialId
    layer: int
    salt: str
    codes: dict[str, str]
    witness: OfficialId


class Published(Struct, frozen=True, tag="published", omit_defaults=True):
    """The result as it stands at this entry's position is published. Whatever changes it later is a correction.

    `result` stands for it (`core/judged_before.py`): a program that judges it otherwise shows another. Empty: nobody said.
    """

    id: ActId
    at_us: int
    official: OfficialId
    result: str = ""


class Sampled(Struct, frozen=True, tag="sampled"):
    """Who is rechecked: the first `top` and at least `percent` of the others, drawn with `seed`."""

    id: ActId
    at_us: int
    official: OfficialId
    seed: str
    top: int
    percent: int
    members: tuple[ContestantId, ...]


class Rechecked(Struct, frozen=True, tag="rechecked", omit_defaults=True):
    """A member of a sample was rechecked: right, or not."""

    id: ActId
    at_us: int
    official: OfficialId
    sample: ActId
    contestant: ContestantId
    right: bool
    reason: str = ""


class HandedOver(Struct, frozen=True, tag="handed_over"):
    """A venue states how many events each of its devices sent. Fewer in the ledger: the venue is unsynced."""

    id: ActId
    at_us: int
    official: OfficialId
    venue: VenueId
    counts: dict[SourceId, int]


class TurnedAway(Struct, frozen=True, tag="turned_away", omit_defaults=True):
    """An official tried what they may not do (recused, own decision), and was refused."""

    at_us: int
    official: OfficialId
    verb: str
    code: str
    detail: str
    contestant: ContestantId | None = None
    stage: StageId | None = None


Kept = Ruled | Seconded | Marked | Signed | Appealed | AppealMoved | Drawn | Revealed | Published | Sampled | Rechecked | HandedOver
"""Acts that have an id, and can be undone."""
Act = Kept | TurnedAway
