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
    yield good(
        "version", f"contest-server {__version__}, tables {REVISIONS[-1]}, Python {platform.python_version()} on {platform.system()}"
    )
    if (STATIC / "index.html").is_file():
        yield good("pages", "the pages are built")
    else:
        yield bad("pages", f"no pages in {STATIC}: run `make ui` in a checkout, or install the wheel, which brings them")
    pourer = best_pourer()
    if pourer is None:
        yield good(
            "displays",
            "are written to by the loop, in slices: the same frames for a third more CPU than where a C compiler was at hand (`cc`)",
        )
    elif not pourer.has_ring:
        yield good(
            "displays",
            "are written to by a thread of compiled code, a call each: io_uring (Linux 6.1 or later) is not here or not permitted",
        )
    else:
        yield good("displays", "are written to by a thread of compiled code, many a call (io_uring)")


def of_judges() -> tuple[Finding, Judges | None]:
    """What is installed of rules, and the rules themselves if they can be loaded."""
    try:
        judges = load_judges()
    except JudgeUnusable as error:
        return bad("judges", str(error)), None
    return good("judges", f"{len(judges)} rules can be loaded"), judges


def of_clock(now: datetime | None = None) -> Iterator[Finding]:
    now = now or datetime.now(UTC)
    if now.year not in YEARS:
        yield bad("clock", f"it is {now:%Y-%m-%d} here: set this machine's clock before the contest")
        return
    synchronised = _asked("timedatectl", "show", "--property=NTPSynchronized", "--value")
    if synchronised == "no":
        yield warning("clock", f"{now:%Y-%m-%dT%H:%M:%SZ}, not synchronised: switch on NTP (timedatectl set-ntp true)")
    elif synchronised == "yes":
        yield good("clock", f"{now:%Y-%m-%dT%H:%M:%SZ}, synchronised by NTP")
    else:
        yield good("clock", f"{now:%Y-%m-%dT%H:%M:%SZ}; whether NTP keeps it cannot be asked here, so look at the host")


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
        yield good("open files", f"{allowed:,} allowed, up to {needed:,} needed")
    else:
        yield warning(
            "open files",
            f"{allowed:,} allowed here, but the settings let in {sockets:,} sockets: raise the limit (systemd: LimitNOFILE={needed}, "
            f"shell: ulimit -n {needed}), or lower CONTEST_DISPLAY_SOCKETS_MAX",
        )


def of_port(settings: Settings) -> Iterator[Finding]:
    host, port = settings.host, settings.port
    if port == 0:
        yield good("port", "a free one is taken")
        return
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        yield _taken(host, port, error)
    else:
        yield good("port", f"{host}:{port} is free")


def _taken(host: str, port: int, error: OSError) -> Finding:
    asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # nosec B104  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(asked, port, timeout=ANSWER_WITHIN_S)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse().read(4_096).decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return bad("port", f"{host}:{port} cannot be had: {error.strerror or error}; choose another with CONTEST_PORT")
    finally:
        connection.close()
    if '"status":"ready"' in answer:
        return good("port", f"a server answers at {host}:{port} and is ready")
    if '"not_ready"' in answer:
        return bad("port", f"the server at {host}:{port} is not ready: {answer}")
    return bad("port", f"another program answers at {host}:{port}; choose another with CONTEST_PORT")
