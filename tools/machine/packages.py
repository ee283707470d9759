"""Debian's packages: finds missing ones, and installs them."""

from __future__ import annotations

import glob
import os
import re
import shutil
from importlib.util import find_spec
from typing import Callable

from tools.machine.table import Need
from tools.script import IN_CI, Failed, run


def there(need: Need) -> bool:
    """Probes a row. A system other than Debian may have a file elsewhere: without apt-get it counts as present."""
    if need.probe.startswith("import "):
        return find_spec(need.probe.split()[1]) is not None
    if need.probe.startswith("/"):
        return not shutil.which("apt-get") or bool(glob.glob(need.probe))
    return shutil.which(need.probe) is not None


def names(needs: list[Need]) -> list[str]:
    return list(dict.fromkeys(" ".join(need.packages for need in needs).split()))


def line(needs: list[Need]) -> str:
    """The command for a user to run."""
    update = "" if glob.glob("/var/lib/apt/lists/*_Packages*") else "sudo apt-get update && "
    return f"{update}sudo apt-get install -y --no-install-recommends {' '.join(names(needs))}"


def install(needs: list[Need]) -> None:
    """Installs them, as root, except packages that this release of Debian lacks."""
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=600"]
    print(f"machine: apt-get install {' '.join(names(needs))}", flush=True)
    run(*apt, "update", quiet=True)
    told = run("apt-cache", "policy", *names(needs), env={"LC_ALL": "C"})
    known = set(re.findall(r"^(\S+):\n.*\n  Candidate: (?!\(none\))", told, re.MULTILINE))
    run(*apt, "install", "--no-install-recommends", *(name for name in names(needs) if name in known), quiet=True)


def provide(
    needs: list[Need],
    there: Callable[[Need], bool] = there,
    install: Callable[[list[Need]], None] = install,
) -> None:
    """Installs missing packages as root, or with CI=true. Otherwise prints the command to run, and ends with status 1
    if more than a skipped test depends on it.
    """
    missing = [need for need in needs if not there(need)]
    if not missing:
        return
    must = [need for need in missing if need.must or IN_CI]
    nowhere = [need for need in missing if not need.packages]
    if nowhere:
        raise Failed(lacks(nowhere))
    if not shutil.which("apt-get"):
        if must:
            raise Failed(lacks(must))
    elif os.geteuid() == 0 or IN_CI:
        try:
            install(missing)
        except Failed as failure:
            if must:
                raise
            print(f"machine: {failure}; tests will be skipped", flush=True)
        must = [need for need in must if not there(need)]
        if must:
            raise Failed(lacks(must))
    elif must:
        print(line(missing), flush=True)
        raise SystemExit(1)
    else:
        print(f"machine: tests will be skipped, none after: {line(missing)}", flush=True)


def lacks(needs: list[Need]) -> str:
    return "this machine lacks " + ", ".join(need.probe for need in needs)
