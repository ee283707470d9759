"""What MkDocs calls while it builds the site."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from mkdocs.utils import get_relative_url

# Where code is not a link: it is one already, a heading, or an example.
APART = re.compile(r"(<a\b.*?</a>|<pre\b.*?</pre>|<h[1-6]\b.*?</h[1-6]>)", re.DOTALL)
# A table scrolls by itself where it is wider than the page, and the facts of a reference stand below each other.
TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
CODE = re.compile(r"<code>([\w.*]+?)(\(\))?</code>")

names: dict[str, dict[str, str]] = {}


def on_config(config: Any) -> None:
    names.update(json.loads(Path(config.docs_dir).with_name("names.json").read_text(encoding="utf-8")))


def language(path: str) -> str:
    """The language of the names on a page, beside those of C."""
    found = re.match(r"(?:bindings|examples|reference)/(python|swift|kotlin)/", path)
    return found[1] if found else "c"


def on_page_content(html: str, page: Any, files: Any, **_: Any) -> str:
    """Make each name in the text a link to its place in the reference."""
    known = {**names["c"], **names.get(language(page.file.src_uri), {})}
    urls = {file.src_uri: file.url for file in files}

    def link(found: re.Match[str]) -> str:
        place = known.get(f"{page.file.src_uri}:{found[1]}") or known.get(found[1])
        if place is None:
            return found[0]
        path, _, anchor = place.partition("#")
        if path == page.file.src_uri and not anchor:
            return found[0]
        url = get_relative_url(urls[path], page.url) if path != page.file.src_uri else ""
        return f'<a href="{url}{"#" + anchor if anchor else ""}">{found[0]}</a>'

    parts = APART.split(html)
    parts[::2] = [CODE.sub(link, part) for part in parts[::2]]
    kind = "wide facts" if page.file.src_uri.startswith("reference/") else "wide"
    return TABLE.sub(lambda found: f'<div class="{kind}">{found[0]}</div>', "".join(parts))


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The first page is alone in its tab, so it needs no list of the tab's pages."""
    if page.is_homepage:
        page.meta["hide"] = ["navigation"]
    return markdown
