"""What browser tests do to a page."""

import base64
import os
import re
from pathlib import Path
from typing import Literal

from django.conf import settings
from playwright.sync_api import Page

ROOT = Path(settings.BASE_DIR)
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
#: The folder of the pictures, where somebody wants to look at them (`make screenshots`): to take one costs as much as many tests.
SCREENSHOTS = os.environ.get("SCREENSHOTS", "")
Scheme = Literal["light", "dark"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


def look(page: Page, name: str) -> None:
    """The page as it is now: no axe fault in light or dark, nor at phone width; no sideways scrolling; four screenshots."""
    before = page.viewport_size
    faults: list[str] = []
    for width, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
        page.set_viewport_size(viewport)
        for scheme in ("light", "dark"):
            if (width, scheme) != ("phone", "dark"):
                faults += [f"{name} {width} {scheme}: {fault}" for fault in axe_in(page, scheme)]
            shot(page, f"{name}-{width}", scheme)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 0:
            faults.append(f"{name} {width}: the page is {wider} px wider than the window")
    page.set_viewport_size(before)
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    assert not faults, "\n".join(faults)


def axe_in(page: Page, scheme: Scheme) -> list[str]:
    """The axe faults of the page in one color scheme."""
    draw(page, scheme)
    return axe(page)


def shot(page: Page, name: str, scheme: Scheme) -> None:
    """A screenshot of the whole page in one color scheme, under a name that may be an address, where pictures are wanted."""
    if not SCREENSHOTS:
        return
    draw(page, scheme)
    file = re.sub(r"[^a-z0-9]+", "-", f"{name}-{scheme}".lower())[:120]
    page.screenshot(path=Path(SCREENSHOTS) / f"{file}.png", full_page=True)


def draw(page: Page, scheme: Scheme) -> None:
    """The page in that scheme, at once: nothing moves, so no color is on its way from one scheme to the other."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")


def axe(page: Page) -> list[str]:
    """Each violation of WCAG 2.2 AA with the first element at fault."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(
        """async (tags) => {
          const result = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
          return result.violations.map((v) => `${v.id}: ${v.help} ${v.nodes[0].html} ${v.nodes[0].failureSummary}`);
        }""",
        WCAG,
    )
    return [str(fault) for fault in found]


def drop(page: Page, *files: Path, onto: str = "body") -> None:
    """Files let go over the page, as from a file manager."""
    sent = [{"name": file.name, "body": base64.b64encode(file.read_bytes()).decode()} for file in files]
    page.evaluate(
        """([files, onto]) => {
          const carried = new DataTransfer();
          for (const { name, body } of files) {
            const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
            carried.items.add(new File([bytes], name, { type: /mp4$/.test(name) ? "video/mp4" : "" , lastModified: 1e12 }));
          }
          const at = document.querySelector(onto);
          for (const kind of ["dragenter", "dragover", "drop"]) {
            at.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
          }
        }""",
        [sent, onto],
    )
