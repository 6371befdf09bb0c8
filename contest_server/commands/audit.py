"""`contest-server audit`: the result of an export reckoned anew, and who changed what, when and why. Needs no server and no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from contest_server.commands.files import OPEN_MODE, opened, whole_file
from contest_server.commands.options import judges_here, stop
from contest_server.commands.tongue import in_tongue, tell
from contest_server.core.auditing import Auditor, Change, Finding
from contest_server.core.conversions import Figure
from contest_server.core.faults import DefinitionError
from contest_server.core.saying import Coded, Said, Text, said_by
from contest_server.ledger.verify_export import verify_export
from contest_server.ledger.verifying import Contradiction, Unreadable, Verified, published

GOOD, BAD, UNREADABLE = 0, 1, 2
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

    Exit codes: 0 good, also with remarks; 1 the export contradicts itself, or there are findings; 2 wrong usage, or not an export.
    """
    _check_apart(what, ranking, figures)
    auditor = Auditor(judges_here())
    try:
        expected = None if head is None else published(head)
        with opened(what) as stream:
            verified = verify_export(stream, expected=expected, each=auditor.take)
    except Contradiction as error:
        raise stop(Said("BAD   {what}: {why}", what=what, why=said_by(error)), BAD) from error
    except DefinitionError as error:
        end = stop(Said("cannot audit {what}: its definition needs rules that are not here:", what=what), UNREADABLE)
        for fault in error.faults:
            tell(fault.sentence, err=True)
        raise end from error
    except (Unreadable, ValueError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else said_by(error)
        raise stop(Said("cannot audit {what}: {why}", what=what, why=why), UNREADABLE) from error
    found = auditor.figures()
    if as_json:
        typer.echo(_document(verified, auditor, found))
    else:
        typer.echo("\n".join(map(in_tongue, _report(verified, auditor, found))))
    if ranking is not None:
        _write_table(ranking, RANKING, auditor.ranking())
    if figures is not None:
        _write_table(figures, FIGURES, [asdict(each) for each in found])
    raise typer.Exit(BAD if auditor.faults else GOOD)


def _check_apart(*paths: str | Path | None) -> None:
    """The end of the command where a table would take the place of the export, or of the other table."""
    places = [Path(each).resolve() for each in paths if each is not None]
    if len(set(places)) < len(places):
        raise stop(Said("the export, --ranking and --figures have to be different files"), UNREADABLE)


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
        "findings": [asdict(each) for each in auditor.faults],
        "remarks": [asdict(each) for each in auditor.remarks],
    }
    return msgspec.json.format(msgspec.json.encode(document, enc_hook=str), indent=2).decode()


def _report(verified: Verified, auditor: Auditor, figures: Sequence[Figure]) -> list[Text]:
    contest, head = auditor.contest, f"{verified.entries}:{verified.hash}"
    names = {"contest": verified.contest, "epoch": verified.epoch}
    state = Said("final") if contest.final else Said("not final")
    return [
        Said("good  {contest} (epoch {epoch}), {count:,} entries, head {head}", **names, count=verified.entries, head=head),
        Said("      digest {digest}, definition {version}, {state}", digest=auditor.digest(), version=contest.version, state=state),
        "",
        Said("ranking"),
        *map(_ranked, auditor.ranking()),
        *_figures(figures),
        "",
        Said("who changed what, when and why"),
        *(line for change in auditor.changes for line in _told(change)),
        "",
        *_found(Said("findings"), auditor.faults),
        *_found(Said("remarks, which speak against nobody"), auditor.remarks),
        Said("{findings} findings, {remarks} remarks", findings=len(auditor.faults), remarks=len(auditor.remarks)),
    ]


def _found(heading: Text, found: Sequence[Finding]) -> list[Text]:
    """Nothing where there is none."""
    lines = [Said("  entry {position}: {code}: {detail}", position=each.position, code=each.code, detail=each.detail) for each in found]
    return [heading, *lines] if found else []


def _ranked(row: Mapping[str, Any]) -> Text:
    rank, medal = ("–" if row["rank"] is None else row["rank"]), ("" if row["medal"] is None else f"  {row['medal']}")
    cleared = Said("{cleared:>3} cleared", cleared=row["cleared"])
    figures = f"{row['points']:>10}  {row['time_ms']:>10} ms"
    begin = f"  {rank:>4}  {row['contestant']:<12} {figures}"
    return Said("{begin}  {cleared}  {status}{medal}", begin=begin, cleared=cleared, status=Coded("status", row["status"]), medal=medal)


def _figures(figures: Sequence[Figure]) -> Iterator[Text]:
    """A block for each rule of `[[conversions]]`."""
    for (number, rule), found in groupby(figures, key=lambda each: (each.number, each.rule)):
        yield from ("", Said("{rule} (conversion {number})", rule=rule, number=number))
        for each in found:
            asked = Said("  — {told:;}", told=each.told) if each.told else ""
            figure = Said("no figures") if each.who is None else f"{each.who:<12} {each.value:>10}"
            yield Said("        {figure}{asked}", figure=figure, asked=asked)


def _told(change: Change) -> list[Text]:
    about = Said(" on {about}", about=change.about) if change.about else ""
    reason = f" — {change.reason}" if change.reason else ""
    begin = f"  {change.position:>6}  {change.at}  {change.by}"
    head = Said("{begin}: {what}{about}{reason}", begin=begin, what=change.what, about=about, reason=reason)
    more = [Said("          … and {count} more", count=change.more)] if change.more else []
    return [head, *(Said("          {line}", line=line) for line in change.moved), *more]
