"""The officials of a rehearsal: the clock, the freeze, who did not come, rulings on what the judges ask, the end. Notes every answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from contest_server.core.definition import Definition
from contest_server.core.ruling_forms import REASON_MAX_CHARS
from contest_server.core.times import text_of_us
from contest_server.rehearsal.office import Office, Unanswered
from contest_server.rehearsal.pace import Pace
from contest_server.rehearsal.plan import Plan
from contest_server.rehearsal.setup import Keys, here

RULED_MAX = 3
"""Cases in one sitting of a referee."""
SITTINGS = (0.4, 0.7)
"""Of the contest: when a referee looks at the queue and rules."""
BLOCKING_MAX = 500
CONFLICT, NOT_FOUND = 409, 404

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """Something that an official did, when (real seconds), and what came of it."""

    at_s: float
    what: str
    answer: str
    ok: bool


@dataclass(slots=True)
class Officials:
    """The chief referee and a referee, as they act in a rehearsal; `close` makes the result final. `done` is what they did, `flags` the
    questions as they stood in the end, `ruled` how many rulings were taken. `sessions` are secrets, by role.
    """

    plan: Plan
    definition: Definition
    office: Office
    keys: Keys
    pace: Pace
    start_us: int
    done: list[Done] = field(default_factory=list)
    flags: Json = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    ruled: int = 0

    @property
    def _base(self) -> str:
        return here(self.definition.contest.id)

    async def log_in(self) -> None:
        """The chief referee, and the first referee. Raises Unanswered."""
        for role in ("chief", "referee"):
            official = next((each.id for each in self.definition.officials if each.role == role), None)
            if official is not None:
                given = {"official": official, "password": self.keys.passwords[official]}
                self.sessions[role] = str((await self.office.post(f"{self._base}/login", given, key=""))["token"])

    # ---- the clock, the freeze, standings --------------------------------------------------------------------------------------

    async def keep_the_clock(self) -> None:
        for action, at_ms in (("pause", self.plan.pause.from_ms), ("resume", self.plan.pause.to_ms)):
            await self.pace.until_ms(at_ms)
            at = text_of_us(self.start_us + at_ms * 1_000)
            await self._order(f"clock {action}", "clock", {"action": action, "at": at})

    async def freeze(self) -> None:
        await self.pace.until_ms(self.plan.freeze_ms)
        await self._order("freeze", "freeze", {}, also=("frozen_already",))

    async def enter_standings(self) -> None:
        for act in sorted(self.plan.tale.acts, key=lambda act: act.at_ms):
            await self.pace.until_ms(act.at_ms)
            body = {"contestant": act.contestant, "status": act.status, "reason": act.reason}
            await self._order(f"{act.contestant} is {act.status}", "standings", body)

    async def _order(self, what: str, path: str, body: Json | None, also: tuple[str, ...] = ()) -> None:
        """`also` are codes of refusals that are as good as done."""
        try:
            answer = await self.office.ask("POST", f"{self._base}/{path}", body)
        except Unanswered as fault:
            self._note(what, str(fault), ok=False)
            return
        code = "" if answer.is_success else str(answer.json().get("code", answer.status_code))
        self._note(what, code or "entered", ok=answer.is_success or code in also)

    def _note(self, what: str, answer: str, *, ok: bool) -> None:
        self.done.append(Done(self.pace.now_s(), what, answer, ok))

    # ---- rulings ---------------------------------------------------------------------------------------------------------------

    async def sit(self) -> None:
        """A referee looks at the queue, confirms some of it, takes half a mark from somebody and gives it back."""
        if "referee" not in self.sessions:
            return
        for number, share in enumerate(SITTINGS):
            await self.pace.until_ms(int(self.plan.play_ms * share))
            try:
                await self._sit(number)
            except Unanswered as fault:
                self._note("ruling", str(fault), ok=False)

    async def _sit(self, number: int) -> None:
        queue = await self.office.get(f"{self._base}/cases", key=self.sessions["referee"])
        cases = [case for case in queue["cases"] if case["keys"] and self._is_known(case)][:RULED_MAX]
        for case in cases:
            await self._confirm(case["contestant"], case["stage"], case["keys"], f"sitting-{number}", "referee")
        if cases:
            await self._penalise_and_undo(cases[-1]["contestant"], cases[-1]["stage"], number)

    def _is_known(self, case: Json) -> bool:
        """Whether it is about somebody's work; what a garbled event is about stays for people to look at."""
        contestants, stages = self.definition.contestants, self.definition.stages
        return case["contestant"] in {each.id for each in contestants} and case["stage"] in {each.id for each in stages}

    async def _confirm(self, who: str, stage: str, keys: list[str], sitting: str, role: str) -> None:
        ruling = _ruling(f"{sitting}-{keys[0]}", who, stage, {"verb": "confirm"}, "checked") | {"flags": keys}
        await self._rule(f"{role} confirms {who} {stage}", ruling, role)

    async def _penalise_and_undo(self, who: str, stage: str, number: int) -> None:
        case = await self.office.ask(
            "GET", f"{self._base}/cases/{quote(who, safe='')}/{quote(stage, safe='')}", key=self.sessions["referee"]
        )
        if case.is_error:
            self._note(f"case {who} {stage}", case.text[:120], ok=case.status_code == NOT_FOUND)
            return
        name = f"penalty-{number}"
        ruling = _ruling(name, who, stage, {"verb": "penalise", "marks": "0.5"}, "conduct") | {"basis": case.json()["basis"]}
        if await self._rule(f"referee takes 0.5 from {who}", ruling, "referee"):
            undo = _ruling(f"undo-{number}", None, None, {"verb": "undo", "act": name}, "entry_error")
            await self._rule(f"referee gives it back to {who}", undo, "referee")

    async def _rule(self, what: str, ruling: Json, role: str) -> bool:
        """Whether it was entered. A case that moved meanwhile, or people of one's own, are no fault."""
        answer = await self.office.ask("POST", f"{self._base}/rulings", ruling, key=self.sessions[role])
        if answer.is_success:
            self.ruled += 1
            self._note(what, "entered", ok=True)
            await self._second(answer.json()["ruling"])
            return True
        code = str(answer.json().get("code", answer.status_code))
        self._note(what, code, ok=answer.status_code == CONFLICT or code in ("recused", "own_decision", "not_fresh"))
        return False

    async def _second(self, ruling: Mapping[str, Any]) -> None:
        """What needs a second person gets one."""
        if not ruling.get("needs"):
            return
        body = {"id": f"second-{ruling['id']}", "approve": True}
        answer = await self.office.ask("POST", f"{self._base}/rulings/{ruling['id']}/second", body, key=self.sessions["chief"])
        self._note(f"chief approves {ruling['id']}", "entered" if answer.is_success else answer.text[:120], ok=answer.is_success)

    # ---- the end ---------------------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Thaw, confirm whatever still blocks, and make the result final. Raises Unanswered."""
        await self._order("thaw", "thaw", None)
        await self._confirm_blocking()
        answer = await self.office.ask("POST", f"{self._base}/finalise", None)
        code = "" if answer.is_success else str(answer.json().get("code", answer.status_code))
        detail = "" if answer.is_success else str(answer.json().get("detail", ""))
        self._note("finalise", (code and f"{code}: {detail}") or "entered", ok=answer.is_success or code == "final")
        self.flags = await self.office.get(f"{self._base}/flags")

    async def _confirm_blocking(self) -> None:
        if "chief" not in self.sessions:
            return
        flags = (await self.office.get(f"{self._base}/flags"))["flags"]
        blocking = [flag for flag in flags if flag["severity"] == "block" and flag.get("answer") is None and flag["contestant"]]
        for flag in blocking[:BLOCKING_MAX]:
            await self._confirm(flag["contestant"], flag["stage"], [flag["key"]], "end", "chief")


def _ruling(name: str, contestant: str | None, stage: str | None, action: Json, code: str) -> Json:
    return {
        "id": f"rehearsal-{name}"[:64],
        "contestant": contestant,
        "stage": stage,
        "attempt": None,
        "action": action if "act" not in action else {**action, "act": f"rehearsal-{action['act']}"[:64]},
        "code": code,
        "reason": "演练 / a rehearsal"[:REASON_MAX_CHARS],
        "basis": None,
        "flags": [],
        "appeal": None,
    }
