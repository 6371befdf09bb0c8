"""The rehearsal as a picture: unsynced events of each venue over time, displays' silence, and the faults as bars. SVG without a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from html import escape

from contest_server.rehearsal.outcome import Meanwhile, Moment, Outcome

WIDTH, HEIGHT, BAR_HEIGHT, LEFT, RIGHT = 960, 160, 9, 46, 8
COLOURS = ("#e5484d", "#3e9bff", "#30a46c", "#f5a524", "#8e4ec6", "#12a594", "#e93d82", "#978365")


def picture_of(outcome: Outcome) -> str:
    """Two curves' fields, one above the other, on the time axis that the faults share. Empty where nothing was sampled."""
    if len(outcome.curve) < 2:
        return ""
    ends_s = max(outcome.curve[-1].at_s, *(meanwhile.fault.to_s for meanwhile in outcome.timeline), 1.0)

    def x(at_s: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * max(0.0, at_s) / ends_s

    venues = [venue.id for venue in outcome.venues]
    below = 2 * (HEIGHT + 30)
    height = below + BAR_HEIGHT * 2 * max(1, len(outcome.timeline)) + 20
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="unsynced events, silence of displays, faults over time">',
        *_field(20, "待发 unsynced", [(name, partial(_unsynced, name)) for name in venues], outcome.curve, x),
        *_field(HEIGHT + 50, "大屏沉默 silence of displays, s", [("displays", lambda each: each.silence_s)], outcome.curve, x),
        *_bars(below + 10, outcome.timeline, x),
        "</svg>",
    ]
    return "\n".join(parts)


def _unsynced(venue: str, at: Moment) -> float:
    return at.unsynced[venue]


def _field(
    top: int,
    title: str,
    curves: Sequence[tuple[str, Callable[[Moment], float]]],
    moments: Sequence[Moment],
    x: Callable[[float], float],
) -> Iterator[str]:
    most = max((value(each) for _, value in curves for each in moments), default=0) or 1
    bottom = top + HEIGHT
    yield f'<text x="{LEFT}" y="{top - 6}">{escape(title)}</text>'
    yield f'<text x="{LEFT - 4}" y="{top + 10}" class="end">{most:.3g}</text><text x="{LEFT - 4}" y="{bottom}" class="end">0</text>'
    yield f'<rect x="{LEFT}" y="{top}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT}" class="field"/>'
    for number, (name, value) in enumerate(curves):
        points = " ".join(f"{x(each.at_s):.1f},{bottom - HEIGHT * value(each) / most:.1f}" for each in moments)
        colour = COLOURS[number % len(COLOURS)]
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"><title>{escape(name)}</title></polyline>'
        if len(curves) > 1:
            yield f'<text x="{WIDTH - RIGHT - 4}" y="{top + 14 + 13 * number}" class="end" style="fill:{colour}">{escape(name)}</text>'


def _bars(top: int, timeline: Sequence[Meanwhile], x: Callable[[float], float]) -> Iterator[str]:
    """One row a fault, its words beside it where there is room."""
    for row, meanwhile in enumerate(timeline):
        fault, y = meanwhile.fault, top + BAR_HEIGHT * 2 * row
        begin, end = x(fault.from_s), max(x(fault.to_s), x(fault.from_s) + 3)
        words = escape(f"{fault.kind} {fault.target}")
        is_late = begin > WIDTH / 2
        place = f'x="{begin - 4:.1f}" class="end"' if is_late else f'x="{end + 4:.1f}"'
        if end - begin > WIDTH / 2:
            place = f'x="{begin + 4:.1f}"'
        yield f'<rect x="{begin:.1f}" y="{y}" width="{end - begin:.1f}" height="{BAR_HEIGHT + 4}" class="fault"/>'
        yield f'<text {place} y="{y + BAR_HEIGHT + 1}">{words}</text>'
