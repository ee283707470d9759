"""Writes the assembly in core, and its declarations, with the generators of tools/lanes, a Go module of its own.

python3 -m tools.assembly          writes the files
python3 -m tools.assembly check    compares them with what the generators write, and tests the generators
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.script import GO, ROOT, Failed, run, start, usage

MODULE = ROOT / "tools" / "lanes"


@dataclass
class Generator:
    name: str  # in the module
    package: Path
    stem: str  # of the files

    def files(self) -> tuple[str, str]:
        return f"{self.stem}_amd64.s", f"{self.stem}_amd64.go"

    def write(self, folder: Path) -> None:
        program = folder / "generator"
        run(GO, "build", "-o", program, f"./{self.name}", cwd=MODULE)
        # The first line of a file has these arguments, so they name no folder.
        code, declarations = self.files()
        run(program, "-out", code, "-stubs", declarations, "-pkg", self.package.name, cwd=folder)

    def written(self) -> dict[str, bytes]:
        with tempfile.TemporaryDirectory() as folder:
            self.write(Path(folder))
            return {name: Path(folder, name).read_bytes() for name in self.files()}


GENERATORS = (
    Generator(".", ROOT / "core" / "curve" / "lanes", "arithmetic"),
    Generator("digest", ROOT / "core" / "kdf" / "digest", "blocks"),
    Generator("aes", ROOT / "core" / "aes", "cipher"),
)


def check() -> str:
    run(GO, "test", "./...", cwd=MODULE)
    for generator in GENERATORS:
        for name, content in generator.written().items():
            if (generator.package / name).read_bytes() != content:
                file = (generator.package / name).relative_to(ROOT)
                raise Failed(f'{file} is not what tools/lanes writes, write it with "make generate"')
    packages = ", ".join(str(generator.package.relative_to(ROOT)) for generator in GENERATORS)
    return f"assembly: {packages} are what tools/lanes writes, and every limb of the lanes is within its bound"


def main(arguments: list[str]) -> int:
    if arguments == ["check"]:
        print(check())
    elif arguments:
        usage(__doc__)
    else:
        for generator in GENERATORS:
            for name, content in generator.written().items():
                (generator.package / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    start(main)
