"""The machine: its clock, its limits, the port, and what is installed."""

from __future__ import annotations

import http.client
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from contest_server import __version__
from contest_server.core.rulebook import Judges
from contest_server.core.saying import Said, said_by
from contest_server.doctor.findings import Finding, bad, good, warning
from contest_server.ledger.migrating import REVISIONS
from contest_server.live.judges_loading import JudgeUnusable, load_judges
from contest_server.live.pouring import best_pourer
from contest_server.live.settings import Settings
from contest_server.web.pages import STATIC

YEARS = range(2025, 2101)
ANSWER_WITHIN_S = 2.0
FILES_BESIDES_SOCKETS = 128


def of_program() -> Iterator[Finding]:
    versions = {"version": __version__, "tables": REVISIONS[-1], "python": platform.python_version(), "system": platform.system()}
    yield good("version", Said("contest-server {version}, tables {tables}, Python {python} on {system}", **versions))
    if (STATIC / "index.html").is_file():
        yield good("pages", Said("the pages are built"))
    else:
        told = Said("no pages in {path}: run `make ui` in a checkout, or install the wheel, which brings them", path=STATIC)
        yield bad("pages", told)
    pourer = best_pourer()
    if pourer is None:
        yield good(
            "displays",
            Said("are written to by the loop, in slices: the same frames for a third more CPU than where a C compiler was at hand (`cc`)"),
        )
    elif not pourer.has_ring:
        yield good(
            "displays",
            Said("are written to by a thread of compiled code, a call each: io_uring (Linux 6.1 or later) is not here or not permitted"),
        )
    else:
        yield good("displays", Said("are written to by a thread of compiled code, many a call (io_uring)"))


def of_judges() -> tuple[Finding, Judges | None]:
    """What is installed of rules, and the rules themselves if they can be loaded."""
    try:
        judges = load_judges()
    except JudgeUnusable as error:
        return bad("judges", said_by(error)), None
    return good("judges", Said("{count} rules can be loaded", count=len(judges))), judges


def of_clock(now: datetime | None = None) -> Iterator[Finding]:
    now = now or datetime.now(UTC)
    if now.year not in YEARS:
        yield bad("clock", Said("it is {date} here: set this machine's clock before the contest", date=f"{now:%Y-%m-%d}"))
        return
    time = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    synchronised = _asked("timedatectl", "show", "--property=NTPSynchronized", "--value")
    if synchronised == "no":
        yield warning("clock", Said("{time}, not synchronised: switch on NTP (timedatectl set-ntp true)", time=time))
    elif synchronised == "yes":
        yield good("clock", Said("{time}, synchronised by NTP", time=time))
    else:
        yield good("clock", Said("{time}; whether NTP keeps it cannot be asked here, so look at the host", time=time))


def _asked(*command: str) -> str | None:
    """The answer of a program of the system; None where there is none."""
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        done = subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=ANSWER_WITHIN_S, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def of_limits(settings: Settings) -> Iterator[Finding]:
    if sys.platform == "win32":
        return
    import resource

    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    sockets = settings.venue_sockets_max + settings.display_sockets_max + settings.review_sockets_max
    needed = sockets + FILES_BESIDES_SOCKETS
    if allowed == resource.RLIM_INFINITY or allowed >= needed:
        yield good("open files", Said("{allowed:,} allowed, up to {needed:,} needed", allowed=allowed, needed=needed))
    else:
        yield warning(
            "open files",
            Said(
                "{allowed:,} allowed here, but the settings let in {sockets:,} sockets: raise the limit (systemd: LimitNOFILE={needed}, "
                "shell: ulimit -n {needed}), or lower CONTEST_DISPLAY_SOCKETS_MAX",
                allowed=allowed,
                sockets=sockets,
                needed=needed,
            ),
        )


def of_port(settings: Settings) -> Iterator[Finding]:
    host, port = settings.host, settings.port
    if port == 0:
        yield good("port", Said("a free one is taken"))
        return
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        yield _taken(host, port, error)
    else:
        yield good("port", Said("{place} is free", place=f"{host}:{port}"))


def _taken(host: str, port: int, error: OSError) -> Finding:
    place = f"{host}:{port}"
    asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # nosec B104  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(asked, port, timeout=ANSWER_WITHIN_S)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse().read(4_096).decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return bad(
            "port",
            Said("{place} cannot be had: {fault}; choose another with CONTEST_PORT", place=place, fault=error.strerror or str(error)),
        )
    finally:
        connection.close()
    if '"status":"ready"' in answer:
        return good("port", Said("a server answers at {place} and is ready", place=place))
    if '"not_ready"' in answer:
        return bad("port", Said("the server at {place} is not ready: {answer}", place=place, answer=answer))
    return bad("port", Said("another program answers at {place}; choose another with CONTEST_PORT", place=place))
