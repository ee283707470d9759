"""Look at the site in Chromium: ``python -m tests.site.browser SITE PICTURES``, with an interpreter that has
Playwright.

Every page at two widths, light and dark; the search, on a server and in files that are opened without one. Pictures of
some pages go to the folder PICTURES. The last line is "N passed, N failed".
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright

from tools.script import Failed, Tally, expect, start

WIDTHS = (1280, 390)
HEIGHT = 900
SEARCHED = "callkey_srtp_keys"
FOUND = "reference/c/types.html#callkey_srtp_keys"
PICTURED = (
    "index.html",
    "docs/protocol.html",
    "docs/benchmarks.html",
    "reference/c/index.html",
    "reference/c/types.html",
    "reference/c/derivation.html",
    "reference/python/Store.html",
    "reference/swift/Store.html",
    "reference/kotlin/Store.html",
)

# What is wider than the window and does not scroll by itself.
TOO_WIDE = """() => document.scrollingElement.scrollWidth <= innerWidth ? [] :
  [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
  .map((e) => e.tagName + "." + e.className).slice(0, 5).concat(document.scrollingElement.scrollWidth)"""
# The contrast of the page's text, by WCAG 2.
CONTRAST = """() => {
  const light = (color) => {
    const linear = (v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    const [r, g, b] = color.match(/[\\d.]+/g).map((v) => linear(v / 255));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const solid = (of, under) => {
    const [r, g, b, a = 1] = of.match(/[\\d.]+/g).map(Number);
    const [x, y, z] = under.match(/[\\d.]+/g).map(Number);
    return `rgb(${r * a + x * (1 - a)}, ${g * a + y * (1 - a)}, ${b * a + z * (1 - a)})`;
  };
  const ground = getComputedStyle(document.body).backgroundColor;
  const text = solid(getComputedStyle(document.querySelector(".md-content p")).color, ground);
  const [a, b] = [light(text), light(ground)].sort((x, y) => y - x);
  return [(a + .05) / (b + .05), light(ground)];
}"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address of a server for the site, on this machine alone."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()


class Window:
    """A window of the browser, and what went wrong in it."""

    def __init__(self, browser: Browser, base: str, scheme: str) -> None:
        self.base = base
        self.wrong: list[str] = []
        view = {"width": WIDTHS[0], "height": HEIGHT}
        self.page: Page = browser.new_context(viewport=view, color_scheme=scheme).new_page()
        self.page.on("console", self.said)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("requestfailed", self.failed)
        self.page.on("request", self.asked)

    def said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"console: {message.text}")

    def asked(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:", "blob:", "about:")):
            self.wrong.append(f"from elsewhere: {request.url}")

    def failed(self, request: Request) -> None:
        # What a page still loads when the next one is opened is aborted.
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"not loaded: {request.url}: {request.failure}")

    def resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": HEIGHT})

    def open(self, name: str) -> None:
        self.page.goto(self.base + name, wait_until="load")

    def nothing_wrong(self) -> None:
        wrong, self.wrong = self.wrong, []
        expect(not wrong, "\n".join(wrong))


def fits(window: Window, site: Path, names: list[str]) -> None:
    """No page is wider than the window."""
    # Each page would read all words of the site anew, which takes longer than all else.
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))
    window.page.route("**/search/search_index.json", lambda route: route.fulfill(json={**index, "docs": []}))
    for name in names:
        window.resize(WIDTHS[0])
        window.open(name)
        for width in WIDTHS:
            window.resize(width)
            found = window.page.evaluate(TOO_WIDE)
            if found:
                window.wrong.append(f"{name} is wider than {width} pixels: {found}")
    window.nothing_wrong()


def key_schedule(window: Window) -> None:
    window.resize(WIDTHS[0])
    window.open("index.html")
    picture = window.page.locator("img[src='docs/keys.svg']")
    shown = picture.evaluate("e => e.complete && e.naturalWidth > 1000 && e.clientWidth > 600")
    expect(shown, "the first page does not show docs/keys.svg")
    window.nothing_wrong()


def readable(window: Window, scheme: str, names: list[str], pictures: Path) -> None:
    """The page has the scheme's colours, and its text can be read on them."""
    for name in names:
        for width in WIDTHS:
            window.resize(width)
            window.open(name)
            window.page.screenshot(path=pictures / f"{name.replace('/', '-')[:-5]}-{width}-{scheme}.png")
        contrast, ground = window.page.evaluate(CONTRAST)
        expect(contrast >= 7, f"{name}: its contrast is {contrast:.1f}")
        expect((ground < 0.2) == (scheme == "dark"), f"{name}: its ground has a luminance of {ground:.2f}")
    window.nothing_wrong()


def search(window: Window, picture: Path) -> None:
    """What is searched is among the first results, and following it shows it."""
    window.resize(WIDTHS[0])
    window.open("index.html")
    page = window.page
    page.locator("input.md-search__input").click()
    page.keyboard.type(SEARCHED)
    results = page.locator(".md-search-result__list a")
    results.first.wait_for()
    places = [link.get_attribute("href") or "" for link in results.all()]
    # A result's address has the search between the page and the anchor.
    places = [re.sub(r"\?[^#]*", "", place) for place in places]
    expect(any(place.endswith(FOUND) for place in places[:3]), f"{FOUND} is not in the first results: {places[:5]}")
    page.screenshot(path=picture)
    results.nth([place.endswith(FOUND) for place in places].index(True)).click()
    page.locator(f"h2#{SEARCHED}").wait_for()
    expect(FOUND.partition("#")[0] in page.url, f"the result leads to {page.url}")
    window.nothing_wrong()


@contextmanager
def looked(tally: Tally, line: str) -> Iterator[None]:
    """A test; what the browser waits for in vain makes it fail."""
    with tally.test(line):
        try:
            yield
        except Error as error:
            raise Failed(error.message) from None


def main(arguments: list[str]) -> int:
    site, pictures = Path(arguments[0]).resolve(), Path(arguments[1]).resolve()
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir(parents=True)
    names = [file.relative_to(site).as_posix() for file in sorted(site.rglob("*.html"))]
    pictured = [name for name in PICTURED if name in names]
    tally = Tally()
    # Chromium has no sandbox for root.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright, served(site) as base:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        fit = f"{len(names)} pages fit {WIDTHS[0]} and {WIDTHS[1]} pixels, with no error and nothing from elsewhere"
        with looked(tally, fit):
            fits(Window(browser, base, "light"), site, names)
        with looked(tally, "the first page shows the key schedule"):
            key_schedule(Window(browser, base, "light"))
        for scheme in ("light", "dark"):
            with looked(tally, f"{scheme}: the text has a contrast of 7 to its ground"):
                readable(Window(browser, base, scheme), scheme, pictured, pictures)
        with looked(tally, f"the search finds {SEARCHED}"):
            search(Window(browser, base, "light"), pictures / "search.png")
        with looked(tally, f"the search finds {SEARCHED} in files, without a server"):
            search(Window(browser, site.as_uri() + "/", "light"), pictures / "search-files.png")
        browser.close()
    return tally.end()


if __name__ == "__main__":
    start(main)
