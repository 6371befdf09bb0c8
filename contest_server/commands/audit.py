"""`contest-server audit`: the result of an export reckoned anew, and who changed what, when and why. Needs no server and no network."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
import typer

from contest_server.commands.files import OPEN_MODE, whole_file
from contest_server.commands.options import judges_here
from contest_server.core.auditing import Auditor, Change
from contest_server.core.conversions import Figure
from contest_server.core.faults import DefinitionError
from contest_server.ledger.verify_export import verify_export
from contest_server.ledger.verifying import Contradiction, Unreadable, Verified, published

GOOD, BAD, UNREADABLE = 0, 1, 2
REMARKS = ("turned_away", "not_asked", "late_adjustment")
"""Findings that say nothing against the result, nor against whoever entered it."""
RANKING = ("rank", "contestant", "points", "time_ms", "cleared", "status", "medal")
FIGURES = ("number", "rule", "who", "value")
"""The columns of the tables: ids and figures, in which no comma can stand."""

What = Annotated[str, typer.Argument(metavar="EXPORT", help="An export (FILE, or - for standard input).", show_default=False)]
HeadOption = Annotated[
    str | None, typer.Option("--head", metavar="[POSITION:]HASH", help="A published hash to hold the export against.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Everything as one JSON document.")]
RankingOption = Annotated[
    Path | None, typer.Option("--ranking", metavar="FILE", help="Also write the ranking as CSV to FILE.", show_default=False)
]
FiguresOption = Annotated[
    Path | None,
    typer.Option("--figures", metavar="FILE", help="Also write what [[conversions]] make of it as CSV to FILE.", show_default=False),
]


def audit(
    what: What,
    head: HeadOption = None,
    as_json: JsonOption = False,
    ranking: RankingOption = None,
    figures: FiguresOption = None,
) -> None:
    """Check an export, judge all of it again, and tell the result and every change that officials made.

    The chain is verified first, as `verify` does. Then every event is judged by the rules of the definitions in the export, with the judges
    installed here, and every act of an official is held against the contest as it was at its position: was the official allowed to, was a
    second person needed, was the sample what its seed draws, was anything in the way of the final result. Who tried what they may not do
    is named, too. With the ranking come the medals that [ties] gives, and the figures that [[conversions]] make of it: of teams, of a
    season, whether somebody passed. `digest` is that of the board: the server that held the contest shows the same one at the same
    position.

    Exit codes: 0 good; 1 the export contradicts itself, or there are findings; 2 wrong usage, or not an export.
    """
    _check_apart(what, ranking, figures)
    auditor = Auditor(judges_here())
    try:
        expected = None if head is None else published(head)
        with _opened(what) as stream:
            verified = verify_export(stream, expected=expected, each=auditor.take)
    except Contradiction as error:
        raise _stop(f"BAD   {what}: {error}", BAD) from error
    except DefinitionError as error:
        raise _stop(f"cannot audit {what}: its definition needs rules that are not here:\n{error}", UNREADABLE) from error
    except (Unreadable, ValueError, OSError) as error:
        raise _stop(f"cannot audit {what}: {error.strerror if isinstance(error, OSError) else error}", UNREADABLE) from error
    found = auditor.figures()
    typer.echo(_document(verified, auditor, found) if as_json else "\n".join(_report(verified, auditor, found)))
    if ranking is not None:
        _write_table(ranking, RANKING, auditor.ranking())
    if figures is not None:
        _write_table(figures, FIGURES, [asdict(each) for each in found])
    raise typer.Exit(BAD if any(each.code not in REMARKS for each in auditor.findings) else GOOD)


def _check_apart(*paths: str | Path | None) -> None:
    """The end of the command where a table would take the place of the export, or of the other table."""
    places = [Path(each).resolve() for each in paths if each is not None]
    if len(set(places)) < len(places):
        raise _stop("the export, --ranking and --figures have to be different files", UNREADABLE)


def _opened(what: str) -> AbstractContextManager[BinaryIO]:
    """Raises OSError or Unreadable."""
    if what == "-" and sys.stdin is None:
        raise Unreadable("standard input is closed")
    return nullcontext(sys.stdin.buffer) if what == "-" else Path(what).open("rb")


def _write_table(path: Path, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    lines = [",".join(names), *(",".join("" if row[name] is None else str(row[name]) for name in names) for row in rows)]
    with whole_file(path, OPEN_MODE) as out:
        out.write("\n".join([*lines, ""]).encode())


def _document(verified: Verified, auditor: Auditor, figures: Sequence[Figure]) -> str:
    document = {
        "contest": verified.contest,
        "epoch": verified.epoch,
        "entries": verified.entries,
        "head": f"{verified.entries}:{verified.hash}",
        "digest": auditor.digest(),
        "final": auditor.contest.final,
        "definition": auditor.contest.version,
        "ranking": auditor.ranking(),
        "figures": [asdict(each) for each in figures],
        "changes": [asdict(each) for each in auditor.changes],
        "findings": [asdict(each) for each in auditor.findings],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _report(verified: Verified, auditor: Auditor, figures: Sequence[Figure]) -> list[str]:
    contest = auditor.contest
    state = "final" if contest.final else "not final"
    return [
        f"good  {verified.contest} (epoch {verified.epoch}), {verified.entries:,} entries, head {verified.entries}:{verified.hash}",
        f"      digest {auditor.digest()}, definition {contest.version}, {state}",
        "",
        "ranking",
        *map(_ranked, auditor.ranking()),
        *_figures(figures),
        "",
        "who changed what, when and why",
        *(line for change in auditor.changes for line in _told(change)),
        "",
        *(["findings", *(f"  entry {each.position}: {each.code}: {each.detail}" for each in auditor.findings)] if auditor.findings else []),
        f"{len(auditor.findings)} findings",
    ]


def _ranked(row: Mapping[str, Any]) -> str:
    rank, medal = ("–" if row["rank"] is None else row["rank"]), ("" if row["medal"] is None else f"  {row['medal']}")
    figures = f"{row['points']:>10}  {row['time_ms']:>10} ms  {row['cleared']:>3} cleared"
    return f"  {rank:>4}  {row['contestant']:<12} {figures}  {row['status']}{medal}"


def _figures(figures: Sequence[Figure]) -> Iterator[str]:
    """A block for each rule of `[[conversions]]`."""
    for (number, rule), found in groupby(figures, key=lambda each: (each.number, each.rule)):
        yield from ("", f"{rule} (conversion {number})")
        for each in found:
            asked = f"  — {'; '.join(each.told)}" if each.told else ""
            yield f"        no figures{asked}" if each.who is None else f"        {each.who:<12} {each.value:>10}{asked}"


def _told(change: Change) -> list[str]:
    head = f"  {change.position:>6}  {change.at}  {change.by}: {change.what}"
    head += f" on {change.about}" if change.about else ""
    head += f" — {change.reason}" if change.reason else ""
    more = [f"          … and {change.more} more"] if change.more else []
    return [head, *(f"          {line}" for line in change.moved), *more]


def _stop(message: str, code: int) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(code)
