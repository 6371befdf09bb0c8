"""What the sources say, found by reading them: templates of sentences, and the stable codes of questions and refusals."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

ROOT = Path(__file__).parents[2]
FOLDERS = ("contest_server", "judges")
REFUSALS = {"Denied": 0, "ApiError": 1, "answer": 1, "CannotReveal": 0}
"""Which argument of these calls is the code."""
QUESTIONS = {"Opinion": 2, "Flag": 0}


@cache
def _every_call() -> list[tuple[str, ast.Call]]:
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            found += [(f"{path.relative_to(ROOT)}:{node.lineno}", node) for node in tree if isinstance(node, ast.Call)]
    return found


def calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of these names, with where it stands."""
    for where, call in _every_call():
        if isinstance(call.func, ast.Name) and call.func.id in names:
            yield where, call


def templates() -> dict[str, str]:
    """The template of each sentence, and where it first stands."""
    found: dict[str, str] = {}
    for where, call in calls("Said"):
        assert call.args, f"{where}: a sentence without a template"
        template = call.args[0]
        assert isinstance(template, ast.Constant), f"{where}: a template is written out, so that it can be found; for codes there is Coded"
        assert isinstance(template.value, str), f"{where}: a template is a text"
        found.setdefault(template.value, where)
    return found


def literals(*folders: str) -> list[str]:
    """Every text that is written out in the sources below these folders, but for what documents them."""
    found: list[str] = []
    for path in (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in documents]
        found += [node.value for node in texts if isinstance(node.value, str)]
    return found


SPOKEN: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "Step": ((0, 1), ("what", "result")),
    "Opinion": ((1, 5), ("detail", "suggestion")),
    "Flag": ((6, 10), ("detail", "suggestion")),
    "MissingEvidence": ((0,), ("why",)),
    "ExpressionError": ((1,), ("detail",)),
    "ExpressionFault": ((0,), ("detail",)),
    "Denied": ((1,), ("detail",)),
    "CannotReveal": ((1,), ("detail",)),
    "ApiError": ((2,), ("detail",)),
    "answer": ((2,), ("detail",)),
    "NotAllowed": ((0,), ()),
    "NotLoggedIn": ((0,), ()),
    "BodyTooLong": ((0,), ()),
    "LimitExceeded": ((0,), ()),
    "Unstorable": ((0,), ()),
    "BadMessage": ((1,), ("said",)),
    "BadEvent": ((0,), ()),
    "BadLine": ((2,), ("detail",)),
    "bad_line": ((3,), ("said",)),
    "_Wrong": ((1,), ("said",)),
    "Refusal": ((2,), ("detail",)),
    "WrongScope": ((0,), ()),
    "BadAccount": ((0,), ()),
    "LastAdmin": ((0,), ()),
    "TooManyLogins": ((0,), ()),
    "RotatedAlready": ((0,), ()),
    "TooManyRehearsals": ((0,), ()),
    "VersionTaken": ((0,), ()),
    "TooLong": ((0,), ()),
    "TooLargeToTry": ((0,), ()),
    "Unfinished": ((0,), ()),
    "BadView": ((0,), ()),
    "ProviderFault": ((0,), ()),
    "TableRefused": ((1,), ()),
    "Parted": ((0,), ()),
    "Ended": ((1,), ()),
    "Conflict": ((0,), ("detail",)),
    "GoOn": ((1,), ("warning",)),
    "Assume": ((1,), ("warning",)),
    "Renumber": ((1,), ("warning",)),
    "InputFault": ((0,), ()),
    "InputChanged": ((0,), ()),
    "InputLooksKnown": ((0,), ()),
    "DiskFault": ((0,), ()),
    "NotAnOutbox": ((0,), ()),
    "OutboxBusy": ((0,), ()),
    "OutboxOfAnother": ((0,), ()),
    "Gone": ((0,), ()),
    "_WrongUse": ((0,), ()),
    "NoSuchBroker": ((0,), ()),
    "BadPanel": ((0,), ()),
    "BadServer": ((0,), ()),
    "LedgerFault": ((0,), ()),
    "LedgerBusy": ((0,), ()),
    "LedgerDamaged": ((0,), ()),
    "WrongFile": ((0,), ()),
    "BadUrl": ((0,), ()),
    "NotAFact": ((0,), ()),
    "NoText": ((0,), ()),
    "NoHost": ((0,), ()),
    "Contradiction": ((0,), ()),
    "Unreadable": ((0,), ()),
    "BadBackup": ((0,), ()),
    "NotEmpty": ((0,), ()),
    "Foreign": ((0,), ()),
    "OfItsOwn": ((0,), ()),
    "good": ((1,), ()),
    "warning": ((1,), ()),
    "bad": ((1,), ()),
}
"""Which arguments of these calls are sentences, by place and by name."""


def plain_sentences() -> list[str]:
    """Where a sentence is plain text with words in it, so that no language but English has it."""
    found = []
    for where, call in calls(*SPOKEN):
        assert isinstance(call.func, ast.Name)
        places, names = SPOKEN[call.func.id]
        said = [call.args[place] for place in places if place < len(call.args)]
        said += [keyword.value for keyword in call.keywords if keyword.arg in names]
        found += [f"{where}: {ast.unparse(each)}" for each in said if _is_plain(each)]
    return found


AT_A_VENUE = ("contest_server/agent/", "contest_server/commands/venue.py", "contest_server/rehearsal/desk.py")
"""What speaks to whoever looks after a venue's agent, by `tell`."""


def plainly_told() -> list[str]:
    """Where somebody at a venue is told a plain text."""
    told = [(where, call.args[0]) for where, call in _every_call() if where.startswith(AT_A_VENUE) and call.args and _is_telling(call.func)]
    return [f"{where}: {ast.unparse(text)}" for where, text in told if _is_plain(text)]


def _is_telling(called: ast.expr) -> bool:
    match called:
        case ast.Name("tell") | ast.Attribute(attr="tell" | "_tell"):
            return True
        case _:
            return False


COMMANDS = "contest_server/commands/"
IN_BOTH = tuple(f"{COMMANDS}{name}.py" for name in ("demo", "venue"))
"""What speaks to people of two cities at once, in both languages."""
TELLING = ("tell", "fail", "stop", "in_tongue", "_Usage", "_stop", "echo")


def plainly_told_by_commands() -> list[str]:
    """Where somebody who runs a command is told a plain text."""
    told = [
        (where, call.args[0]) for where, call in _every_call() if _is_of_commands(where) and call.args and _called(call.func) in TELLING
    ]
    return [f"{where}: {ast.unparse(text)}" for where, text in told if _is_plain(text)]


def _is_of_commands(where: str) -> bool:
    return where.startswith(COMMANDS) and not where.startswith(IN_BOTH)


def _called(function: ast.expr) -> str:
    match function:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


SAYING = tuple(f"contest_server/{room}/" for room in ("core", "intake", "builder", "live", "web"))
"""Rooms whose faults of a document reach people. What a rehearsal or an agent calls a fault is something else."""
FOR_PROGRAMMERS = ROOT / "judges" / "catalogue.py"
"""Writes the page of the rules; whoever reads its faults writes rules."""


def plain_faults() -> list[str]:
    """Where a rule says in plain text what is wrong with its parameters (ValueError) or with the stages it is used on (`faults`), and
    where the server says so of a definition, a table or a theme.
    """
    found = [where for where, call in calls("Fault") if where.startswith(SAYING) and _is_plain(call.args[1])]
    for path in sorted((ROOT / "judges").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        spoken = [node for node in ast.walk(tree) if isinstance(node, ast.expr) and _tells_a_plain_fault(node)]
        found += [f"{path.name}:{node.lineno}" for node in spoken if path != FOR_PROGRAMMERS]
    return found


def _tells_a_plain_fault(node: ast.expr) -> bool:
    match node:
        case ast.Yield(value=ast.expr() as told):
            return _is_plain(told)
        case ast.Call(func=ast.Name("ValueError"), args=[ast.Call(func=ast.Name("Said")), *_]):
            return False
        case ast.Call(func=ast.Name("ValueError")):
            return True
        case _:
            return False


def _is_plain(node: ast.expr) -> bool:
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            return _is_plain(body) or _is_plain(orelse)
        case ast.JoinedStr(values=parts):
            return any(_is_plain(part) for part in parts)
        case ast.Constant(value=str(text)):
            return re.search(r"[A-Za-z]{2}", text) is not None
        case ast.Subscript(value=cut):
            return _is_plain(cut)
        case ast.Call(func=ast.Name("str"), args=[ast.Name("error")]):
            return True
        case ast.Attribute(attr="__doc__"):
            return True
        case _:
            return False


def codes(of: dict[str, int]) -> dict[str, str]:
    """The codes that are written out in these calls, and where."""
    found: dict[str, str] = {}
    for where, call in calls(*of):
        assert isinstance(call.func, ast.Name)
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        place = of[call.func.id]
        value = call.args[place] if len(call.args) > place else named.get("code")
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            found.setdefault(value.value, where)
    return found


def fields(template: str) -> list[tuple[str, str, str]]:
    """The placeholders, with what is done to each."""
    return sorted((name, spec or "", conversion or "") for _, name, spec, conversion in Formatter().parse(template) if name is not None)


def has_words(template: str) -> bool:
    """Whether it says anything beside numbers and signs."""
    return re.search(r"[A-Za-z]", "".join(text for text, *_ in Formatter().parse(template))) is not None
