"""Scripts that measure in the browser how a page looks."""

from __future__ import annotations

_OUTSIDE = """() => {
    const wide = document.documentElement.clientWidth;
    const found = [];
    if (document.documentElement.scrollWidth > wide) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const element of document.querySelectorAll("#app *")) {
        if (![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim())) continue;
        if (element.closest("EXCEPT")) continue;
        const { left, right, width, height } = element.getBoundingClientRect();
        if (width > 0 && height > 0 && (left < -1 || right > wide + 1)) found.push(`${element.className}: ${element.textContent.trim()}`);
    }
    return found;
}"""


def outside(*but: str) -> str:
    """Lists the text that stands beyond an edge of the window. `but`: selectors of what runs off, or scrolls, on purpose."""
    return _OUTSIDE.replace("EXCEPT", ", ".join(but))
