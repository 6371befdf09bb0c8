"""What an electrician does at each stage of the bundled contest: how long it takes, what is measured, what the desk answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from contest_server.demo.dice import Dice

Readings = Sequence[Mapping[str, str]]
CALIBRATED_UNTIL = "2027-03-31"


@dataclass(frozen=True, slots=True)
class Work:
    """A stage from the floor. `judged`: handed in first, a referee's verdict follows. `readings` come from the venue's instruments."""

    stage: str
    takes_s: float
    hard: float
    judged: bool
    reasons: Sequence[tuple[str, str]]
    readings: Callable[[Dice, float, bool], Readings]
    answers: Callable[[Dice, float], Mapping[str, bool]]


def _yes(dice: Dice, hand: float, *names: str, surely: Sequence[str] = ()) -> dict[str, bool]:
    """Most of it is right; a better hand forgets less."""
    return {name: dice.chance(0.68 + 0.27 * hand) or (name in surely and dice.chance(0.9)) for name in names}


def _no_readings(dice: Dice, hand: float, good: bool) -> Readings:  # noqa: ARG001 - the signature of all readings
    return ()


def _isolation(dice: Dice, hand: float) -> Mapping[str, bool]:
    return _yes(dice, hand, "helmet", "gloves", "tools_checked", "locked_off", "proved_dead", "tagged", surely=("proved_dead", "helmet"))


def _components(dice: Dice, hand: float, good: bool) -> Readings:
    spread = 3 + 9 * (1 - hand) if good else 60
    return (
        {"coil_ohm": dice.reading(500 - spread, 500 + spread, 1)},
        {"control_v": dice.reading(24 - 0.12 - 0.7 * (1 - hand), 24 + 0.12 + 0.7 * (1 - hand), 2)},
    )


def _defective(dice: Dice, hand: float) -> Mapping[str, bool]:
    return _yes(dice, hand, "defective_found")


def _torque(dice: Dice, hand: float, good: bool) -> Readings:
    spread = 0.06 + 0.3 * (1 - hand) if good else 0.7
    return ({"torque_nm": dice.reading(1.2 - spread, 1.2 + spread, 2)},)


def _wiring(dice: Dice, hand: float) -> Mapping[str, bool]:
    circuit = ("main_circuit", "self_hold", "wired_interlock", "overload_relay", "earth_conductor")
    neat = ("straight_runs", "ferrules", "labels", "no_bare_copper")
    return {**_yes(dice, hand, *circuit, surely=("main_circuit", "earth_conductor")), **_yes(dice, hand, *neat)}


def _insulation(dice: Dice, hand: float, good: bool) -> Readings:
    mohm = dice.reading(0.98 + 0.1 * hand, 3 + 15 * hand, 2) if good else dice.reading(0.2, 0.9, 2)
    return ({"insulation_mohm": mohm, "calibrated_until": CALIBRATED_UNTIL}, {"earth_ohm": dice.reading(0.03, 0.11 - 0.03 * hand, 3)})


def _record(dice: Dice, hand: float) -> Mapping[str, bool]:
    return _yes(dice, hand, "record_complete")


def _faults(dice: Dice, hand: float) -> Mapping[str, bool]:
    return _yes(dice, hand - 0.2, "coil_open", "phase_lost", "contact_welded", "measured_first")


def _current(dice: Dice, hand: float, good: bool) -> Readings:
    spread = 0.05 + 0.2 * (1 - hand) if good else 0.6
    return ({"current_a": dice.reading(2.1 - spread, 2.1 + spread, 2)},)


def _function(dice: Dice, hand: float) -> Mapping[str, bool]:
    return _yes(dice, hand, "forward", "reverse", "interlock", "emergency_stop", surely=("forward", "reverse", "emergency_stop"))


WORK: Mapping[str, Work] = {
    work.stage: work
    for work in (
        Work("isolation", 28, 0.3, False, (("未挂警示牌", "no warning tag"),), _no_readings, _isolation),
        Work("components", 46, 0.8, False, (("读数超差", "reading out of tolerance"),), _components, _defective),
        Work("wiring", 82, 0.8, True, (("控制回路接错", "control circuit miswired"), ("端子松动", "loose terminal")), _torque, _wiring),
        Work("insulation", 40, 0.9, False, (("绝缘电阻低于 1 MΩ", "insulation below 1 MΩ"),), _insulation, _record),
        Work("faults", 60, 1.0, False, (("故障点判断错误", "wrong fault location"),), _no_readings, _faults),
        Work("power_up", 44, 1.0, True, (("通电跳闸", "tripped at power-up"), ("电机反转", "motor turned backwards")), _current, _function),
    )
}

ORDER = tuple(WORK)
"""The order of the stages; insulation and fault finding may change places."""
