"""`contest-server demo`: the bundled contest with simulated people, on a server and a database of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from contest_server.commands.logs import log_to_stderr
from contest_server.commands.options import fail, judges_here
from contest_server.commands.serve import Host, Port, settings_here
from contest_server.core.rulebook import Judges
from contest_server.core.saying import said_by
from contest_server.demo.bundle import bundled
from contest_server.demo.logins import Passwords
from contest_server.demo.officials import RoundFailed
from contest_server.demo.place import NotForADemo, folder_and_url, loopback_url, make_room, port_to_use
from contest_server.demo.show import Show, Wishes
from contest_server.demo.voice import Voice
from contest_server.ledger.database_url import BadUrl, file_of
from contest_server.ledger.port import LedgerFault

SPEED_MAX = 500.0
EXIT_FAILED = 1

Db = Annotated[
    str | None,
    typer.Option(
        "--db", metavar="URL", help="Keep the ledger of the latest round there, e.g. sqlite:///contest-demo.db.", show_default="thrown away"
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="The same seed tells the same story and ends in the same board.")]
Speed = Annotated[float, typer.Option(min=0.1, max=SPEED_MAX, help="So many times as fast as real time. A round takes 8 minutes at 1.")]
Once = Annotated[bool, typer.Option("--once", help="End after the first round.")]
NoOpen = Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")]


def demo(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    seed: Seed = 2026,
    speed: Speed = 1.0,
    db: Db = None,
    once: Once = False,
    no_open: NoOpen = False,
) -> None:
    """Show a whole contest: electricians of two cities, six stages, simulated people, real sockets. Round after round, until Ctrl-C.

    Everything in it is invented and kept in a database of its own, never in that of CONTEST_DB. A file named with --db is emptied at each
    round, unless it holds anything but a demo; then it is left alone and the command ends.

    Exit codes: 0 ended by Ctrl-C or after --once, 1 the round did not end as reckoned beforehand, 2 bad usage, or the port is taken.
    """
    judges = judges_here()
    log_to_stderr()
    try:
        with folder_and_url(db) as (folder, url):
            make_room(url)
            settings = settings_here(url, host, port_to_use(host, port))
            asyncio.run(_run(Wishes(settings, seed, speed, once), judges, folder, Voice(sys.stdout), open_browser=not no_open))
    except (NotForADemo, BadUrl, LedgerFault) as error:
        fail(said_by(error))
    except RoundFailed as error:
        fail(said_by(error), EXIT_FAILED)


async def _run(wishes: Wishes, judges: Judges, folder: Path, voice: Voice, *, open_browser: bool) -> None:
    show = Show(wishes, judges, folder, voice)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # an event loop of Windows: Ctrl-C interrupts the program instead
            loop.add_signal_handler(number, show.stop)
    url = loopback_url(wishes.settings.host, wishes.settings.port).replace("127.0.0.1", "localhost") + "/"
    try:
        async with asyncio.TaskGroup() as tasks:
            greeting = tasks.create_task(_greet(show, voice, wishes, url, open_browser))
            await show.run()
            greeting.cancel()
    except BaseExceptionGroup as group:
        raise first_of(group) from group
    voice.say("演示结束。 The demo has ended.")


async def _greet(show: Show, voice: Voice, wishes: Wishes, url: str, open_browser: bool) -> None:
    """Say what there is to see as soon as it can be seen."""
    await show.opened.wait()
    for line in welcome(url, wishes, show.passwords):
        voice.say(line)
    if open_browser and has_display():
        await asyncio.to_thread(webbrowser.open, url)


def welcome(url: str, wishes: Wishes, passwords: Passwords) -> list[str]:
    database = wishes.settings.db
    roles = {official.id: "裁判长 chief" if official.role == "chief" else "裁判 referee" for official in bundled().officials}
    ledger = [] if file_of(database) is None else [f"  校验账本 check the ledger contest-server verify {database}"]
    return [
        "",
        "  永嘉 × 乐清 电工技能闯关赛(演示,人物与单位均为虚构)",
        "  Yongjia × Yueqing Electricians' Challenge (a demo: all people and employers are invented)",
        "",
        f"  大屏幕 the big screen    {url}",
        f"  榜单接口 the board        curl '{url}api/contests/electricians-demo/board?view=top:5'",
        *ledger,
        f"  手机观赛 spectators       {url}live",
        f"  裁判台 the referees       {url}referee",
        *(f"      {official}  {roles[official]:12}  密码 password {password}" for official, password in passwords.items()),
        f"  导播台 the control room   {url}control     (C1)",
        f"  竞赛编排 make a contest   {url}builder     (C1, 先在裁判台登录 after logging in as a referee)",
        "",
        "  看什么:两个赛区各三台设备经真实连接上报;被退回的尝试、重试、违规;一台快 47 秒的时钟被校正;",
        "  乐清断网 25 秒后续传;最后两分钟封榜、解封、定榜。下面逐条说明。Ctrl-C 结束。",
        "  What to see: three devices a venue report over real sockets; rejected attempts, retries, violations; a clock 47 s ahead is",
        "  corrected; Yueqing loses its network for 25 s and resumes; the board freezes for the last two minutes, thaws, becomes final.",
        "  Each moment is told below. Ctrl-C ends.",
        "",
    ]


def first_of(fault: BaseException) -> BaseException:
    """What went wrong first, out of the groups that the tasks around it made."""
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return fault


def has_display() -> bool:
    """Whether a browser would have a screen to appear on."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
