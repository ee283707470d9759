"""RELEASE.md: who each file is for, and how to verify it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from tools.release.artefact import Artefact
from tools.script import GO, PYTHON, Failed, run
from tools.version import VERSION

NAME, SUMS = "RELEASE.md", "SHA256SUMS"

# Where another version of it makes other bytes.
TOOLS = (
    (GO, "version"),
    ("cc", "--version"),
    ("ld", "--version"),
    ("aarch64-linux-gnu-gcc", "--version"),
    ("i686-linux-gnu-gcc", "--version"),
    ("x86_64-w64-mingw32-gcc", "--version"),
    ("javac", "-version"),
    ("mvn", "--version"),
    (PYTHON, "--version"),
)

PAGE = """# libcallkey {version}

| file | for | how to use it | what `make test-release` does with it |
|---|---|---|---|
{rows}

{missing}## Verify

`{sums}` has the SHA-256 of every file. In the folder with the files:

```sh
sha256sum --check --ignore-missing {sums}
```

On a Mac `shasum -a 256 --check --ignore-missing {sums}`; in PowerShell `Get-FileHash FILE` prints one file's sum. The
sums say that a file is the one that was published, if `{sums}` itself comes from somebody whom you trust. To trust
nobody, build it: the same sources give the same bytes in any folder. Unpack `{source}`, run

```sh
make release
```

and compare `build/release/{sums}` with this one. A difference can come from other versions of these tools:

{tools}

Every archive of the library, the wheels and the jars have the licences of all that is inside: `LICENSE` and
`THIRD_PARTY.md`. Each archive of the library also has its bill of materials in CycloneDX 1.6,
`share/doc/callkey/callkey.cdx.json`, with the hash of each module as in `go.sum`.
"""


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def first_line(*command: str) -> str:
    """What a tool says of its version; "" if there is no such tool."""
    try:
        line = run(*command, quiet=True).partition("\n")[0].strip()
        return re.sub(r"\x1b\[[0-9;]*m", "", line)  # Maven's is bold
    except Failed:
        return ""


def page(made: Sequence[tuple[Artefact, Path]], missing: Sequence[tuple[Artefact, str]]) -> str:
    rows = [f"| `{file.name}` | {row.reader} | {row.use} | {row.tried} |" for row, file in made]
    text = [f"* `{row.file}`, for {row.reader}: it needs {why}.\n" for row, why in missing]
    tools = [line for line in (first_line(*command) for command in TOOLS) if line]
    return PAGE.format(
        version=VERSION,
        rows="\n".join(rows),
        missing="".join(["## Not in this release\n\n", *text, "\n"]) if text else "",
        sums=SUMS,
        source=f"libcallkey-{VERSION}.tar.gz",
        tools="\n".join(f"* {line}" for line in tools),
    )


def sums(folder: Path) -> str:
    """As sha256sum writes and checks them."""
    return "".join(f"{digest(file)}  {file.name}\n" for file in sorted(folder.iterdir()) if file.name != SUMS)
