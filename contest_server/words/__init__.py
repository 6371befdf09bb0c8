"""The dictionary of the server: Chinese sentences by their English templates, and the words for codes, which the pages read as well.

`judges.json`, `core.json` (with `intake/` and `builder/`) and `web.json` hold what those folders say; `wire.json` what is stored or sent in
English and read back by whoever shows it (`wire/`, `agent/`, readers of JSON); `agent.json` what an agent tells whoever looks after it;
`command.json` what the command line says, with the faults of `ledger/`; `help.json` the paragraphs of its help, read only by whoever asks
for it; `codes.json` the words of both languages for stable codes, by kind and code ("reason_safety"). Refuses nothing: what has no Chinese
words is told in English.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from contest_server.core.saying import ENGLISH, Said, Text, Tongue

HERE = Path(__file__).parent
SENTENCES = ("judges", "core", "web", "wire", "agent", "command")


def sentences(name: str) -> dict[str, str]:
    """The sentences of one file: Chinese by English."""
    found: dict[str, str] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return found


@cache
def helps() -> dict[str, str]:
    """The help of the command line: Chinese paragraphs by English ones."""
    return sentences("help")


def codes() -> dict[str, dict[str, str]]:
    """The words for codes in each language."""
    found: dict[str, dict[str, str]] = json.loads((HERE / "codes.json").read_text(encoding="utf-8"))
    return found


CHINESE = Tongue(
    "zh",
    {en: zh for name in SENTENCES for en, zh in sentences(name).items()},
    {code: words["zh"] for code, words in codes().items()},
    comma="、",
    semicolon="；",
    seconds="{} 秒",
)
TONGUES = {tongue.name: tongue for tongue in (ENGLISH, CHINESE)}


def in_both(text: Text) -> str | dict[str, str]:
    """A sentence in every language, by its name; plain text, which has none, as it is."""
    return {name: tongue.tell(text) for name, tongue in TONGUES.items()} if isinstance(text, Said) else text
