"""What a page costs and keeps, as the browser counts it: CPU of its main thread, long tasks, heap after a collection, nodes, listeners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import CDPSession, Page, WebSocket

from tests.browser.endurance.trend import Sample

LONG_TASKS = """(() => {
    window.long = {tasks: 0, worst_ms: 0};
    new PerformanceObserver((list) => {
        for (const {duration} of list.getEntries()) long.tasks += 1, long.worst_ms = Math.max(long.worst_ms, Math.round(duration));
    }).observe({entryTypes: ["longtask"]});
})();"""
"""Written into the page: what held its main thread for more than 50 ms."""
COSTS: Mapping[str, str] = {
    "task": "TaskDuration",
    "script": "ScriptDuration",
    "layout": "LayoutDuration",
    "style": "RecalcStyleDuration",
}


@dataclass(slots=True)
class Gauge:
    """One page that is watched. `spent_s` are seconds of its main thread's CPU since `begin`, without those that looking at it took."""

    name: str
    page: Page
    cdp: CDPSession
    frames: int = 0
    updates: int = 0
    spent_s: dict[str, float] = field(default_factory=lambda: dict.fromkeys(COSTS, 0.0))
    kept: dict[str, list[Sample]] = field(default_factory=lambda: {"heap": [], "nodes": [], "listeners": []})
    _before: Mapping[str, float] = field(default_factory=dict)

    def begin(self) -> None:
        """Count from here on, on a collected heap."""
        self.frames = 0
        self.page.evaluate("() => { long.tasks = long.worst_ms = 0; }")
        self.cdp.send("HeapProfiler.collectGarbage")
        self._before = self._metrics()

    def look(self, updates: int) -> None:
        """Take a sample: what was spent since the last one, and what is left after a collection. `updates` were told since `begin`."""
        now = self._metrics()
        for cost in COSTS:
            self.spent_s[cost] += now[cost] - self._before[cost]
        self.updates = updates
        self.cdp.send("HeapProfiler.collectGarbage")
        left = self.cdp.send("Memory.getDOMCounters")
        self._before = self._metrics()
        self.kept["heap"].append((updates, self._before["heap"]))
        self.kept["nodes"].append((updates, left["nodes"]))
        self.kept["listeners"].append((updates, left["jsEventListeners"]))

    def ms_an_update(self, cost: str) -> float:
        return 1_000 * self.spent_s[cost] / max(1, self.updates)

    def long_tasks(self) -> Mapping[str, int]:
        found: Mapping[str, int] = self.page.evaluate("long")
        return found

    def _metrics(self) -> Mapping[str, float]:
        told: dict[str, Any] = {each["name"]: each["value"] for each in self.cdp.send("Performance.getMetrics")["metrics"]}
        return {cost: told[name] for cost, name in COSTS.items()} | {"heap": told["JSHeapUsedSize"]}


def watched(name: str, page: Page, slow: float) -> Gauge:
    """Watch a page that is not opened yet, on a computer that is so many times slower. Measured is the thread's own time, no wall's."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": slow})
    page.add_init_script(LONG_TASKS)
    gauge = Gauge(name, page, cdp)

    def counted(socket: WebSocket) -> None:
        socket.on("framereceived", lambda _: setattr(gauge, "frames", gauge.frames + 1))

    page.on("websocket", counted)
    return gauge
