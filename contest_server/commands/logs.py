"""The log, on standard error: one line an event, for people or as JSON. Refuses line breaks and escapes that somebody smuggles in."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def log_to_stderr(form: str = "console", level: str = "info") -> None:
    """Set up structlog, and let what libraries say through `logging` leave in the same form."""
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last = _json() if form == "json" else _console()
    structlog.configure(
        processors=[*before, *last],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_: _Log(),
    )
    _take_in_libraries(before, last, max(LEVELS[level], logging.WARNING))


class _Log:
    """Standard error as it is at that moment. A contest goes on where nobody can hear it: the terminal is closed, the pipe is broken."""

    def msg(self, message: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{message}\n")
            sys.stderr.flush()

    log = debug = info = warn = warning = error = critical = exception = msg


def _json() -> list[Processor]:
    return [structlog.processors.EventRenamer("message"), structlog.processors.JSONRenderer(ensure_ascii=False)]


def _console() -> list[Processor]:
    return [printable, structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]


def _take_in_libraries(before: list[Processor], last: list[Processor], level: int) -> None:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def printable(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Whatever a stranger may have chosen stays on its line and moves no cursor."""
    return {name: _one_line(name, value) for name, value in event.items()}


def _one_line(name: str, value: Any) -> Any:
    if not isinstance(value, str) or value.isprintable():
        return value
    if name == "exception":
        return "\n".join(f"  | {_escaped(line)}" for line in value.splitlines())
    return _escaped(value)


def _escaped(text: str) -> str:
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
