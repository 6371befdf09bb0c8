"""The help of commands, and what is wrong with how one was typed, in Chinese; in English, typer says it. Refuses nothing.

Texts are those of `words/help.json`: the Chinese paragraph by the English one. What has none is shown in English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from inspect import cleandoc
from typing import Any

import typer
from typer.core import TyperCommand
from typer.exceptions import TyperException

from contest_server.commands.others import of_usage
from contest_server.commands.tongue import in_tongue, tell, tongue
from contest_server.core.saying import ENGLISH, Said, Text

AS_IT_IS = "\b"
"""A paragraph that begins with such a line keeps its lines."""
KINDS: dict[str, Text] = {
    "<str>": Said("<text>"),
    "<int>": Said("<whole number>"),
    "<int range>": Said("<whole number>"),
    "<float>": Said("<number>"),
    "<float range>": Said("<number>"),
    "<path>": Said("<path>"),
    "<list[str]>": Said("<several>"),
}
"""What typer says that an option takes."""
PIECES = {"[OPTIONS]": Said("[OPTIONS]"), "COMMAND [ARGS]...": Said("COMMAND [ARGS]...")}
LEFT_MAX_COLUMNS = 30
_UNBROKEN = re.compile(r"\s+|[（“]*(?:[!-~]+|\S)[，。；：、！？）”…]*")
"""What stays on one line: a word of Latin letters, a Chinese character; each with the marks that belong to it."""


def is_english() -> bool:
    return tongue() is ENGLISH


class Command(TyperCommand):
    """A command that explains itself in the language of whoever asks."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        if is_english():
            super().format_help(ctx, formatter)
        else:
            formatter.write("\n".join(page(self, ctx, formatter.width)))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        if is_english():
            super().format_usage(ctx, formatter)
        else:
            formatter.write("\n".join(usage(self, ctx, formatter.width)))


def page(command: Any, context: Any, columns: int) -> list[str]:
    """The lines of a command's help."""
    lines = usage(command, context, columns)
    for paragraph in paragraphs(command.help):
        lines += ["", *(f"  {line}" for line in _laid_out(_chinese(paragraph), columns - 2))]
    records = [(param, _record(param, context)) for param in command.get_params(context)]
    for heading, kind in ((Said("Arguments:"), "argument"), (Said("Options:"), "option")):
        lines += section(heading, [record for param, record in records if param.param_type_name == kind], columns)
    return lines


def section(heading: Text, rows: Sequence[tuple[str, str]], columns: int) -> list[str]:
    """A heading and two columns below it; nothing where there are no rows."""
    left = min(max((width(name) for name, _ in rows), default=0), LEFT_MAX_COLUMNS) + 2
    lines = ["", in_tongue(heading)] if rows else []
    for name, text in rows:
        first, *more = wrapped(text, columns - left - 2) or [""]
        if width(name) + 2 > left:
            lines.append(f"  {name}")
            name = ""
        lines += [f"  {name}{' ' * (left - width(name))}{first}", *(f"  {' ' * left}{line}" for line in more)]
    return lines


def usage(command: Any, context: Any, columns: int) -> list[str]:
    pieces = [in_tongue(PIECES.get(piece, piece)) for piece in command.collect_usage_pieces(context)]
    begin = in_tongue(Said("Usage: {command}", command=context.command_path))
    first, *more = wrapped(" ".join([begin, *pieces]), columns)
    return [first, *(f"    {line}" for line in more)]


def in_short(command: Any) -> str:
    """The first sentence of a command's help, without its end."""
    return _chinese(paragraphs(command.help)[0]).partition("。")[0]


def paragraphs(text: str | None) -> list[str]:
    """The paragraphs of a help text, each on one line, but for those that keep their lines."""
    found = (each for each in cleandoc(text or "").split("\n\n") if each.strip())
    return [each if each.startswith(AS_IT_IS) else " ".join(each.split()) for each in found]


def _chinese(paragraph: str) -> str:
    from contest_server.words import helps

    return helps().get(paragraph, paragraph)


def _record(param: Any, context: Any) -> tuple[str, str]:
    """What typer says of an option, in Chinese: its name with what it takes; its text with variable and default."""
    name, text = param.get_help_record(context)
    own = param.help or ""
    extras = [in_tongue(of_usage(each)) for each in text.removeprefix(own).strip().removeprefix("[").removesuffix("]").split("; ") if each]
    kind = next((each for each in KINDS if name.endswith(each)), "")
    behind = in_tongue(Said("  ({extras:;})", extras=extras)) if extras else ""
    return f"{name.removesuffix(kind)}{in_tongue(KINDS.get(kind, ''))}", f"{_chinese(own)}{behind}".strip()


def _laid_out(text: str, columns: int) -> list[str]:
    return text.splitlines()[1:] if text.startswith(AS_IT_IS) else wrapped(text, columns)


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of so many columns at most, but for words that are longer; a Chinese character takes two."""
    lines, line = [], ""
    for piece in _UNBROKEN.findall(text):
        if line and width(line + piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line else lines


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


@contextmanager
def wrong_use_told() -> Iterator[None]:
    """Say in Chinese what typer would say in English of how a command was typed, and end as it does."""
    try:
        yield
    except TyperException as error:
        what = of_usage(error.format_message())
        if is_english() or isinstance(what, str):
            raise
        for line in _hint(getattr(error, "ctx", None)):
            tell(line, err=True)
        tell(Said("Error: {what}", what=what), err=True)
        raise typer.Exit(error.exit_code) from error
    except typer.Abort as error:
        if is_english():
            raise
        tell(Said("Aborted!"), err=True)
        raise typer.Exit(1) from error


def _hint(context: Any) -> Iterator[Text]:
    """How the command is used, where it is known which one it is."""
    if context is not None:
        yield context.get_usage()
        yield Said("Try '{command} --help' for help.", command=context.command_path)
        yield ""
