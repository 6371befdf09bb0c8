"""One line that tells a person how the venue stands, in both languages. Pure: a view in, a line out.

Refuses to be quiet about what is not with the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from contest_server.agent.messages import ClockTold
from contest_server.agent.reading import time_text
from contest_server.agent.resume import Standing
from contest_server.agent.wording import in_both
from contest_server.core.saying import Text

State = Literal["connecting", "connected", "disconnected", "stopped"]

STATES = {"connecting": "连接中", "connected": "已连接", "stopped": "已停止"}
INPUTS = {"over": "已读完", "cannot be read on": "无法续读"}

TTY_EVERY_S = 0.2
LOG_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Connection:
    """Since when, and if it is lost, why and until when nothing is tried."""

    state: State
    since_s: float
    reason: Text = ""
    retry_at_s: float | None = None


@dataclass(frozen=True, slots=True)
class View:
    """Everything there is to say about an agent at one moment. Times are of a steady clock."""

    source: str
    connection: Connection
    now_s: float
    standing: Standing
    clock: ClockTold | None = None
    disk: Text | None = None
    fault: Text | None = None
    input_state: str = "reading"


def is_loud(view: View) -> bool:
    """Whether somebody should look."""
    unsynced = view.standing.waiting > 0 and view.connection.state != "connected"
    return (
        unsynced or view.disk is not None or view.fault is not None or view.standing.refused > 0 or view.input_state == "cannot be read on"
    )


def line(view: View) -> str:
    parts = [view.source, _connection(view.connection, view.now_s), _unsynced(view), _acknowledged(view.standing)]
    if view.clock is not None:
        parts.append(_clock(view.clock))
    if view.standing.refused:
        parts.append(f"被拒 REFUSED {view.standing.refused}")
    if view.standing.bad_lines:
        parts.append(f"非事件行 bad lines {view.standing.bad_lines}")
    if view.fault is not None:
        parts.append(f"受阻 HELD UP: {in_both(view.fault)}")
    if view.disk is not None:
        parts.append(f"磁盘 DISK: {in_both(view.disk)}")
    if view.input_state != "reading":
        parts.append(f"输入{INPUTS[view.input_state]} input {view.input_state}")
    return " · ".join(parts)


def _connection(connection: Connection, now_s: float) -> str:
    match connection.state:
        case "connected" | "connecting" | "stopped":
            return f"{STATES[connection.state]} {connection.state}"
        case "disconnected":
            again_s = 0.0 if connection.retry_at_s is None else max(0.0, connection.retry_at_s - now_s)
            lost_s = now_s - connection.since_s
            return f"断线 DISCONNECTED for {lost_s:.0f} s ({in_both(connection.reason)}; 重连 again in {again_s:.1f} s)"


def _unsynced(view: View) -> str:
    count = view.standing.waiting
    word = "UNSYNCED" if count and view.connection.state != "connected" else "unsynced"
    return f"待发 {word} {count}"


def _acknowledged(standing: Standing) -> str:
    if not standing.acknowledged_to:
        return "尚无确认 nothing acknowledged yet"
    position = "" if standing.position is None else f" @{standing.position}"
    at = "" if standing.acknowledged_us is None else f" at {time_text(standing.acknowledged_us)[11:19]}Z"
    return f"已确认 acknowledged {standing.acknowledged_to}{position}{at}"


def _clock(clock: ClockTold) -> str:
    error = "" if clock.error_us is None else f" ± {clock.error_us / 1_000:.1f}"
    return f"时钟 clock {clock.offset_us / 1_000:+.1f}{error} ms"


class Ticker:
    """When to show the line: on a terminal a few times a second, in a log at each change of state and now and then."""

    def __init__(self, *, is_terminal: bool) -> None:
        self._is_terminal = is_terminal
        self._shown_s: float | None = None
        self._shown_text = ""
        self._shown_state: object = None

    def due(self, view: View) -> str | None:
        """The line, if it is to be shown now."""
        text, state = line(view), (view.connection.state, is_loud(view), view.disk is None, view.standing.refused, view.input_state)
        quiet_s = float("inf") if self._shown_s is None else view.now_s - self._shown_s
        if self._is_terminal:
            due = text != self._shown_text and quiet_s >= TTY_EVERY_S
        else:
            due = state != self._shown_state or quiet_s >= LOG_EVERY_S
        if not due:
            return None
        self._shown_s, self._shown_text, self._shown_state = view.now_s, text, state
        return text
