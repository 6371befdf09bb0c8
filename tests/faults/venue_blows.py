"""Blows against venues: their agents, their clocks and their way to the servers."""

from __future__ import annotations

from random import Random

from tests.faults.blow import FULL, ROOM, a_share, blow, lead, with_room
from tests.faults.cable import Weather
from tests.faults.hall import Hall

STEPS_US = (-7_200_000_000, -90_000_000, -1_500_000, 1_500_000, 45_000_000, 86_400_000_000)
MEASURED_WITHIN_US = 1_000_000
"""The device's clock is read from a file and the machine is busy; every step of a clock is longer."""
OUTBOX_FULL = "THE OUTBOX CANNOT BE WRITTEN"
SLOW = Weather(0.02, 0.15)


@blow("the outbox has what was read, the file what was not; numbers go on where they were, also where nothing could be sent meanwhile")
async def agents_killed(hall: Hall, dice: Random) -> None:
    await hall.acknowledgements(a_share(hall, dice))
    await hall.fleet.kill()
    await hall.statements(len(hall.desks))
    await hall.fleet.start()
    for desk in hall.desks:
        hall.cables[desk.name].cut()
    await hall.outboxes_wait()
    await hall.fleet.kill()
    for desk in hall.desks:
        hall.cables[desk.name].mend()
    await hall.fleet.start()


@blow("agents say that their outbox cannot be written, read and send nothing more, and go on when there is room")
async def agents_disk_full(hall: Hall, dice: Random) -> None:
    await hall.acknowledgements(a_share(hall, dice))
    before = hall.fleet.said(OUTBOX_FULL)
    with_room(hall.fleet, FULL)
    try:
        await hall.until(lambda: hall.fleet.said(OUTBOX_FULL) > before, lambda: "no agent says that its outbox cannot be written")
    finally:
        with_room(hall.fleet, ROOM)


@blow("events wait in the outboxes; the other venues do not notice")
async def venues_cut_off(hall: Hall, dice: Random) -> None:
    cut = [hall.cables[desk.name] for desk in dice.sample(hall.desks, max(1, len(hall.desks) // 2))]
    await hall.acknowledgements(a_share(hall, dice))
    for cable in cut:
        cable.cut()
    await hall.statements(a_share(hall, dice))
    for cable in cut:
        cable.mend()


@blow("an agent whose answer is overdue connects anew; what waited in the net arrives later and is known already")
async def venues_jammed(hall: Hall, dice: Random) -> None:
    jammed = [hall.cables[desk.name] for desk in dice.sample(hall.desks, max(1, len(hall.desks) // 2))]
    await hall.acknowledgements(a_share(hall, dice))
    before = {cable: cable.connections for cable in jammed}
    for cable in jammed:
        cable.jam()
    await hall.until(lambda: all(c.connections > before[c] for c in jammed), lambda: "agents wait for ever")
    for cable in jammed:
        cable.mend()


@blow("agents connect again and again and lose nothing")
async def venues_reset(hall: Hall, dice: Random) -> None:
    for _ in range(4):
        await hall.acknowledgements(a_share(hall, dice) // 4)
        for desk in dice.sample(hall.desks, max(1, len(hall.desks) // 2)):
            hall.cables[desk.name].reset()


@blow("acknowledgements come late; venues overtake each other, and the board does not depend on it")
async def venues_slow_and_out_of_order(hall: Hall, dice: Random) -> None:
    for desk in hall.desks:
        hall.cables[desk.name].weather = Weather(SLOW.delay_min_s, SLOW.delay_max_s, dice.randint(40, 600))
    await hall.acknowledgements(a_share(hall, dice) * 2)
    for desk in hall.desks:
        hall.cables[desk.name].mend()


@blow("the server measures the clock anew within an exchange; what is stated then is timed within the error that it claims")
async def device_clock_steps(hall: Hall, dice: Random) -> None:
    desk = dice.choice(hall.desks)
    await hall.acknowledgements(a_share(hall, dice))
    wrong_us = desk.step_clock(dice.choice(STEPS_US))

    def is_measured() -> bool:
        clock = desk.ears.clock
        return clock is not None and abs(clock[0] - wrong_us) <= clock[1] + MEASURED_WITHIN_US

    await hall.until(is_measured, lambda: f"{desk.name} is {wrong_us} µs wrong, the server says {desk.ears.clock}")
    stated, desk.leaves_time_out = len(desk.stated), True
    await hall.until(lambda: len(desk.stated) > stated or desk.has_said_all, lambda: f"{desk.name} says nothing more")
    desk.leaves_time_out = False


@blow("a source that goes to another server is welcomed with all that any server acknowledged", servers_min=2)
async def venues_moved_about(hall: Hall, dice: Random) -> None:
    servers = dice.sample(hall.servers, 2)
    for turn in range(4):
        lead(hall, hall.desks, servers[turn % 2])
        await hall.acknowledgements(len(hall.desks))
    lead(hall, hall.desks, None)
