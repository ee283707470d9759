"""Writes core/curve/lanes/arithmetic_amd64.s and .go with the generator tools/lanes, a Go module of its own.

python3 -m tools.assembly          writes the files
python3 -m tools.assembly check    compares them with what the generator writes, and tests the generator
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tools.script import GO, ROOT, Failed, run, start, usage

GENERATOR = ROOT / "tools" / "lanes"
PACKAGE = ROOT / "core" / "curve" / "lanes"
NAMES = ("arithmetic_amd64.s", "arithmetic_amd64.go")


def generate(folder: Path) -> None:
    program = folder / "lanes"
    run(GO, "build", "-o", program, ".", cwd=GENERATOR)
    # The first line of a file has these arguments, so they name no folder.
    run(program, "-out", NAMES[0], "-stubs", NAMES[1], "-pkg", PACKAGE.name, cwd=folder)


def check() -> str:
    run(GO, "test", ".", cwd=GENERATOR)
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        for name in NAMES:
            if (PACKAGE / name).read_bytes() != Path(folder, name).read_bytes():
                file = (PACKAGE / name).relative_to(ROOT)
                raise Failed(f'{file} is not what tools/lanes writes, write it with "make generate"')
    return "assembly: core/curve/lanes is what tools/lanes writes, and every limb is within its bound"


def main(arguments: list[str]) -> int:
    if arguments == ["check"]:
        print(check())
    elif arguments:
        usage(__doc__)
    else:
        with tempfile.TemporaryDirectory() as folder:
            generate(Path(folder))
            for name in NAMES:
                (PACKAGE / name).write_bytes(Path(folder, name).read_bytes())
    return 0


if __name__ == "__main__":
    start(main)
