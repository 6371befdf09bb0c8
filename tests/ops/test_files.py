"""The files in ops/ fit the program: every query asks for a figure that there is, every setting in the example is one, every unit starts a
command that exists."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from contest_server.commands.group import NAMES
from contest_server.live.settings_file import combine, read_settings
from tests.contests import CUP, START_US
from tests.ops.figures import Figures, look
from tests.web.places import clear, note, served

OPS = Path(__file__).parents[2] / "ops"
NOT_OURS = {"up"}
"""What Prometheus itself knows."""
FIGURE = re.compile(r"\b(?:contest|process)_[a-z_]+\b|\bup\b")


def test_the_dashboard_can_be_imported() -> None:
    dashboard = json.loads((OPS / "grafana-dashboard.json").read_text("utf-8"))
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    assert len({panel["title"] for panel in panels}) == len(panels)
    assert all(target["expr"] and target["refId"] for panel in panels for target in panel["targets"])
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places), "no panel lies on another"
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    assert {each["name"] for each in dashboard["templating"]["list"]} == {"source", "job", "contest"}


def queries() -> list[str]:
    dashboard = json.loads((OPS / "grafana-dashboard.json").read_text("utf-8"))
    alerts = yaml.safe_load((OPS / "alerts.yml").read_text("utf-8"))
    variables = [each["query"] for each in dashboard["templating"]["list"] if each["type"] == "query"]
    targets = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    return [*variables, *targets, *(rule["expr"] for group in alerts["groups"] for rule in group["rules"])]


async def scraped() -> Figures:
    """A server on which everything has happened that makes a figure."""
    now = [START_US]
    async with served(clock=lambda: now[0]) as place, place.venue() as venue, place.display() as display:
        await display.frame()
        asked = await venue.hear("time")
        await venue.say({"type": "time", "t": asked["t"], "at": now[0]})
        await venue.send(clear(1), note(2))
        await venue.say("not JSON")
        await venue.hear("refused")
        assert (await place.http.get(f"{place.url}/api/contests/{CUP}")).status_code == 200
        return await look(place)


async def test_every_query_asks_for_a_figure_that_there_is_and_every_figure_is_asked_for() -> None:
    there = (await scraped()).names() | NOT_OURS
    asked = {name for query in queries() for name in FIGURE.findall(query)}
    assert asked - there == set()
    ours = {name for name in there if name.startswith("contest_") and not name.endswith(("_created", "_sum", "_bucket", "_count"))}
    assert ours - asked == set(), "a figure that nobody looks at"


async def test_every_figure_is_described_on_the_operations_page() -> None:
    page = (OPS.parent / "docs" / "operations.md").read_text("utf-8")
    ours = {re.sub(r"_(total|sum|bucket|count|created)$", "", name) for name in (await scraped()).names() if name.startswith("contest_")}
    assert {name for name in ours if f"`{name}" not in page} == set()


async def test_every_label_that_a_query_asks_for_is_one_of_its_figure() -> None:
    labels: dict[str, set[str]] = {}
    for sample in (await scraped()).samples:
        labels.setdefault(sample.name, set()).update(sample.labels)
    matched = [pair for query in queries() for pair in re.findall(r"\b(contest_[a-z_]+)\{([^}]*)\}", query)]
    asked = {(name, label) for name, matchers in matched for label in re.findall(r"(\w+)\s*(?:=|!)", matchers)}
    assert asked
    assert {(name, label) for name, label in asked if label not in labels.get(name, set())} == set()


def test_the_example_of_settings_can_be_used() -> None:
    settings = combine(read_settings(OPS / "contest-server.toml"), {})
    assert settings.log == "json"
    assert settings.drain_s > 0


def units() -> list[Path]:
    return sorted([*OPS.glob("*.service"), *OPS.glob("*.timer")])


def values(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", unit.read_text("utf-8"), re.MULTILINE)


def test_the_units_start_commands_that_exist() -> None:
    started = [line.split()[1] for unit in units() for line in values(unit, "ExecStart")]
    assert sorted(started) == ["backup", "serve"]
    assert set(started) <= set(NAMES)


def test_a_service_is_given_enough_time_to_end() -> None:
    settings = combine(read_settings(OPS / "contest-server.toml"), {})
    (limit_s,) = values(OPS / "contest-server.service", "TimeoutStopSec")
    assert int(limit_s) > settings.drain_s + settings.finish_within_s + 5


@pytest.mark.parametrize("unit", [unit for unit in units() if unit.suffix == ".service"], ids=lambda unit: unit.name)
def test_the_services_are_shut_in(unit: Path) -> None:
    wanted = {
        "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes",
        "CapabilityBoundingSet": "", "RestrictNamespaces": "yes", "UMask": "0077", "User": "contest",
    }  # fmt: skip
    assert {name: values(unit, name) for name in wanted} == {name: [value] for name, value in wanted.items()}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    """Programs that are not installed here are replaced; what remains is the form of the units."""
    for unit in units():
        text = unit.read_text("utf-8").replace("/opt/contest/bin/contest-server", "/bin/true").replace("User=contest", "User=root")
        (tmp_path / unit.name).write_text(text.replace("Group=contest\n", ""), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in units())],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if any(unit.name in line for unit in units())]
    assert ours == [], done.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_the_server_is_little_exposed() -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(OPS / "contest-server.service")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    assert float(found[1]) < 2.5


def test_the_scrape_config_takes_in_the_alerts() -> None:
    scrape: dict[str, Any] = yaml.safe_load((OPS / "prometheus.yml").read_text("utf-8"))
    assert all((OPS / name).is_file() for name in scrape["rule_files"])
    jobs = {job["job_name"] for job in scrape["scrape_configs"]}
    assert all(f'job="{job}"' in (OPS / "alerts.yml").read_text("utf-8") for job in jobs)
