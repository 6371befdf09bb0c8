"""What a command says to whoever runs it: in Chinese where the environment asks for it, else in English.

CONTEST_LANGUAGE (zh or en) outweighs LC_ALL, that LC_MESSAGES, that LANG. Files, JSON and the log are the same in every language. The
dictionary is read when the first Chinese sentence is told, so that nobody else waits for it. Refuses nothing: what has no Chinese words
is told in English.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import typer

from contest_server.commands.others import understood
from contest_server.core.saying import ENGLISH, Text, Tongue
from contest_server.live.settings_file import LANGUAGE_VARIABLE

ASKING = (LANGUAGE_VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG")
"""The first of these that is set says which language; POSIX has the order."""


def tongue(environment: Mapping[str, str] | None = None) -> Tongue:
    """The language of whoever runs this command."""
    environment = os.environ if environment is None else environment
    wanted = next((environment[name] for name in ASKING if environment.get(name)), "")
    if not wanted.lower().startswith("zh"):
        return ENGLISH
    from contest_server.words import CHINESE  # some milliseconds, which nobody waits for in English

    return CHINESE


def in_tongue(text: Text) -> str:
    """The text in that language. What other programs said within it is understood as far as it is known."""
    language = tongue()
    return str(text) if language is ENGLISH else language.tell(understood(text))


def tell(text: Text, *, err: bool = False, nl: bool = True) -> None:
    """A line on standard output, or on standard error."""
    typer.echo(in_tongue(text), err=err, nl=nl)
