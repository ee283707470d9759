"""The man pages and the shell completion of the callkey command: ``python3 -m tools.terminal [check]``.

They are made from the command's own parsers and stand in bindings/python/share, from where a wheel installs them: so a
wheel needs nothing more to be built, and a change of an option shows in the diff. shtab is in tools/requirements.txt.
"""

from __future__ import annotations

import importlib.util
import sys

from tools.script import ROOT, Failed, run, start, usage

PACKAGE = ROOT / "bindings" / "python"
SHARE = PACKAGE / "share"
PLACES = {
    "bash": "bash-completion/completions/callkey",
    "zsh": "zsh/site-functions/_callkey",
    "fish": "fish/vendor_completions.d/callkey.fish",
}
"""Where each shell looks, below share/."""


def made() -> dict[str, str]:
    """Every file below share/, by its place there."""
    sys.path.insert(0, str(PACKAGE / "src"))
    from callkey import __version__
    from callkey.cli.program import parser
    from tools import completion, manual

    pages = manual.pages(parser(), __version__)
    scripts = completion.scripts(parser(), PLACES)
    return {
        **{f"man/man{manual.SECTION}/{name}": page for name, page in pages.items()},
        **{PLACES[shell]: script for shell, script in scripts.items()},
    }


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["check"]):
        usage(__doc__)
    if importlib.util.find_spec("shtab") is None:
        from tools.style import installed

        print(run(installed() / "python", "-m", "tools.terminal", *arguments), end="")
        return 0
    files = made()
    there = {
        str(file.relative_to(SHARE)): file.read_text(encoding="utf-8") for file in SHARE.rglob("*") if file.is_file()
    }
    if arguments:
        differing = sorted(place for place in {*files, *there} if files.get(place) != there.get(place))
        if differing:
            places = ", ".join(f"{SHARE.relative_to(ROOT)}/{place}" for place in differing)
            raise Failed(f'not made from the parsers of callkey: {places}; write them with "make generate"')
        print(f"terminal: {len(files)} man pages and completion scripts are those of the callkey command")
        return 0
    for place in there:
        (SHARE / place).unlink()
    for place, text in files.items():
        (SHARE / place).parent.mkdir(parents=True, exist_ok=True)
        (SHARE / place).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    start(main)
