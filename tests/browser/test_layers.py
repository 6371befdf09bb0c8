"""A change on the big screen redraws that change and little else: a plate is one layer, the ground behind everything is another, and
whatever moves is moved by the compositor, not drawn anew by the page for each step."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import CDPSession, expect

from tests.browser.conftest import Screens
from tests.browser.evening import PEOPLE, clear
from tests.browser.hall import Hall
from tests.browser.screen import LIMIT_MS, Screen

NEXT_FRAME = "() => new Promise((resolve) => requestAnimationFrame(() => resolve(true)))"
OTHERS_MAX = 4
"""Layers beside plates and ground: the page, what stands on it, and what Chromium parts for the sake of its letters."""


def layers(screen: Screen) -> list[str]:
    """The class of what each layer that draws begins with; `mask` for one that only cuts others."""
    session, told = screen.page.context.new_cdp_session(screen.page), list[list[dict[str, Any]]]()
    session.on("LayerTree.layerTreeDidChange", lambda change: told.append(change.get("layers", [])))
    session.send("DOM.enable")
    screen.rest()
    screen.page.evaluate(NEXT_FRAME)
    session.send("LayerTree.enable")
    for _ in range(LIMIT_MS // 16):
        if told and told[-1]:
            break
        screen.page.evaluate(NEXT_FRAME)
    return [_class_of(session, layer) for layer in told[-1] if layer["drawsContent"] and layer["width"] > 0]


def _class_of(session: CDPSession, layer: dict[str, Any]) -> str:
    if "backendNodeId" not in layer:
        return "mask"
    node = session.send("DOM.describeNode", {"backendNodeId": layer["backendNodeId"]})["node"]
    attributes = node.get("attributes", [])
    named = dict(zip(attributes[::2], attributes[1::2], strict=True))
    return str(named.get("class", node["nodeName"])).split(" ")[0]


def animations(events: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Each animation by its name, with Chromium's reasons (bits) for not leaving it to the compositor; 0: there are none."""
    told = [(event["id2"]["local"], event["args"].get("data", {})) for event in events if event["name"] == "Animation"]
    names = {number: data["displayName"].rpartition("-")[2] for number, data in told if "displayName" in data}
    found = dict.fromkeys(names.values(), 0)
    for number, data in told:
        if number in names:
            found[names[number]] |= data.get("compositeFailed", 0)
    return found


def test_a_plate_is_one_layer_and_the_ground_another(hall: Hall, screens: Screens) -> None:
    contest = hall.contest(people=[each for each in PEOPLE if each["id"] != "G1"])
    contest.tell(clear("A1", "quiz", 600), clear("B2", "wiring", 700))
    screen = screens(hall.url, reduced_motion="reduce").watch(contest.id, "zh")
    plates, found = screen.page.locator("li[data-contestant]").count(), layers(screen)
    assert found.count("arena") == 1, "each change would draw the ground anew, below and around it"
    assert found.count("plate") == plates, " ".join(found)
    assert "mask" not in found, found
    assert len(found) <= plates + 1 + OTHERS_MAX, " ".join(found)


def test_whatever_moves_is_moved_by_the_compositor(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    contest.tell(clear("A1", "quiz", 600))
    screen = screens(hall.url).watch(contest.id, "zh")
    screen.rest()
    browser = screen.page.context.browser
    assert browser is not None
    browser.start_tracing(page=screen.page, categories=["blink.animations", "devtools.timeline"])
    contest.tell(clear("B2", "wiring", 700))
    expect(screen.page.locator("[data-callout=first]")).to_be_visible()
    screen.rest()
    moved = animations(json.loads(browser.stop_tracing())["traceEvents"])
    assert set(moved) >= {"sweep", "leave", "arrive", "slide"}, moved
    assert {name: reasons for name, reasons in moved.items() if reasons} == {}
