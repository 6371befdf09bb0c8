"""Who may do what: every action of the server, with the roles that may take it. What stands nowhere in this table, nobody may do.

The README shows the same table, and a test walks it: every route and every socket, asked by everybody who could ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from contest_server.core.saying import Coded, Said

Role = Literal["admin", "director", "chief", "referee", "venue", "display", "auditor", "contestant"]
ROLES: tuple[Role, ...] = get_args(Role)

OLDER_WORDS: Mapping[str, Role] = {"staff": "director"}
"""What a role was called in earlier versions: read wherever a role is given, written nowhere."""
PERSONAL: frozenset[Role] = frozenset({"chief", "referee", "auditor", "contestant"})
"""Roles of people. Whoever asks for what is theirs alone, without being logged in, is asked to log in."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may take an action. `is_public`: everybody, without a login. `for_accounts`: whoever has an account, for themself.

    `in_any_scope`: it touches no contest, so whoever has the role in one of them may.
    """

    what: str
    roles: frozenset[Role] = frozenset()
    is_public: bool = False
    for_accounts: bool = False
    in_any_scope: bool = False

    @property
    def is_personal(self) -> bool:
        """Whether somebody has to log in for it, rather than to send a token."""
        return self.for_accounts or self.roles <= PERSONAL


def _public(what: str) -> Rule:
    return Rule(what, frozenset(ROLES), is_public=True)


def _for(what: str, *roles: Role) -> Rule:
    return Rule(what, frozenset(roles))


def _anywhere_for(what: str, *roles: Role) -> Rule:
    return Rule(what, frozenset(roles), in_any_scope=True)


ACTIONS: Mapping[str, Rule] = {
    "pages.read": _public("open a page, its documents, `/health`"),
    "session.begin": _public("log in and out"),
    "display.ask": _public("ask for a code to pair a screen"),
    "contest.read": _public("read a contest, its roster, the names of its officials"),
    "board.read": _public("see the public board, also frozen"),
    "scores.read": _public("see why a score is what it is, and corrections, while the board is not frozen"),
    "metrics.read": _public("read `/metrics`: on this computer, or with its own token"),
    "account.self": Rule("see the own account, change the own password", for_accounts=True),
    "inside.read": _for(
        "the same during a freeze; entries and questions of the ledger", "admin", "director", "chief", "referee", "auditor"
    ),
    "board.read_all": _for("see the board of staff, never frozen", "admin", "director", "chief", "auditor"),
    "overview.read": _for("see the overview, and every device's state", "admin", "director", "chief", "auditor"),
    "clock.set": _for("start, pause, extend, end the contest", "admin", "director", "chief"),
    "board.freeze": _for("freeze and thaw the board", "admin", "director", "chief"),
    "standing.set": _for("set a contestant's status", "admin", "director", "chief"),
    "result.finalise": _for("declare the result final", "admin", "director", "chief"),
    "contest.adopt": _for("adopt a definition", "admin"),
    "build": _anywhere_for("build a definition: try rules, read tables, play it through⁵", "admin", "director", "chief"),
    "events.send": _for("send events, see where a device stands", "venue"),
    "venue.hand_over": _for("hand over: say how much was sent", "venue", "chief", "referee"),
    "display.self": _for("know the own name and contest, and what to show", "display"),
    "screens.direct": _for("direct the screens: see what each shows, and order it", "admin", "director", "chief"),
    "tokens.change": _for("list, issue, rotate and revoke tokens of a contest¹, pair screens", "admin", "director", "chief"),
    "tokens.all": _for("the same for every role and contest", "admin"),
    "accounts.change": _for("add accounts, grant roles, disable", "admin"),
    "export.read": _for("export the ledger", "admin", "auditor"),
    "official.self": _for("see the own session as an official", "chief", "referee"),
    "cases.read": _for("read cases, rulings, marks due, samples, sign-offs, rules, officials", "chief", "referee", "auditor"),
    "appeals.read": _for("read appeals²", "chief", "referee", "auditor", "contestant"),
    "queue.follow": _for("follow the queue of cases live", "chief", "referee"),
    "ruling.enter": _for("rule, after a preview; answer as second person³", "chief", "referee"),
    "mark.give": _for("mark work", "chief", "referee"),
    "result.sign": _for("sign a result", "chief", "referee"),
    "sample.recheck": _for("recheck a sample", "chief", "referee"),
    "appeal.file": _for("file an appeal²", "chief", "referee", "contestant"),
    "appeal.move": _for("admit appeals and decide on them", "chief"),
    "result.publish": _for("publish the result", "chief"),
    "sample.draw": _for("draw a sample", "chief"),
    "codes.change": _for("draw and reveal blind codes", "chief"),
    "rules.change": _for("rejudge under other rules", "chief"),
    "own.read": _for("read the own result as it was published, with the reasons", "contestant"),
}


def role_of(word: str) -> Role | None:
    """The role of this name, or of its older name; None for no role."""
    word = OLDER_WORDS.get(word, word)
    return next((role for role in ROLES if role == word), None)


def may(role: Role | None, action: str) -> bool:
    """Whether this role may take the action, in its own scope; nobody's role is None."""
    rule = ACTIONS.get(action)
    return rule is not None and (rule.is_public or role in rule.roles)


# ---- what a role is for ----------------------------------------------------------------------------------------------------------


class WrongScope(ValueError):
    """This role is for something else, or for nothing in particular."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a role holds for. Without a contest: for all of them."""

    contest: str | None = None
    venue: str | None = None
    official: str | None = None
    contestant: str | None = None


Part = Literal["contest", "venue", "official", "contestant"]
_NEEDED: Mapping[Role, tuple[Part, ...]] = {
    "admin": (),
    "director": ("contest",),
    "chief": ("contest", "official"),
    "referee": ("contest", "official"),
    "venue": ("contest", "venue"),
    "display": ("contest",),
    "auditor": ("contest",),
    "contestant": ("contest", "contestant"),
}
FOR_ALL_CONTESTS: frozenset[Role] = frozenset({"admin", "director", "auditor"})
"""Roles that an account may have in all contests at once."""
TOKEN_ROLES: tuple[Role, ...] = ("venue", "director", "admin", "display", "auditor")
"""What a token can be for: a program has no judgement, and is nobody's contestant."""


def check_scope(role: Role, scope: Scope, *, may_be_all: bool = False) -> None:
    """Raises WrongScope unless the scope names exactly what this role needs; with `may_be_all`, the contest may be left out by some."""
    given = {part for part in get_args(Part) if getattr(scope, part) is not None}
    needed = set(_NEEDED[role])
    if given == needed or (may_be_all and role in FOR_ALL_CONTESTS and given == needed - {"contest"}):
        return
    who, wanted = Coded("role", role), _WANTED[_NEEDED[role]]
    alone = Said("the role {role} needs {wanted}, and nothing else", role=who, wanted=wanted)
    raise WrongScope(alone if given - needed else Said("the role {role} needs {wanted}", role=who, wanted=wanted))


_WANTED: Mapping[tuple[Part, ...], Said] = {
    (): Said("no contest, for all"),
    ("contest",): Said("a contest"),
    ("contest", "official"): Said("a contest and an official"),
    ("contest", "venue"): Said("a contest and a venue"),
    ("contest", "contestant"): Said("a contest and a contestant"),
}
"""By what a role needs: in words."""
