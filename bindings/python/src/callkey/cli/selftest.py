"""``callkey selftest``: checks that the library works on this machine."""

from __future__ import annotations

import argparse
import platform

import callkey

from .exits import OK
from .page import Page


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parsers.add_parser(
        "selftest",
        usage="callkey selftest",
        help="check the library against known answers of every primitive",
        description="Prints the library's version and path, and checks every\nprimitive against known answers.",
    ).set_defaults(run=run)


def run(arguments: argparse.Namespace, page: Page) -> int:
    place = callkey.load()
    major, minor = callkey.abi_version()
    rows = {
        "library": callkey.version() + f", ABI {major}.{minor}",
        "loaded from": place,
        "package": callkey.__version__,
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
    }
    for name, value in rows.items():
        page.columns([(page.style(name, "dim"), 12), (value, 0)])
    callkey.selftest()
    page.columns(
        [(page.style("selftest", "dim"), 12), (page.mark(True) + " every primitive gives its known answer", 0)]
    )
    return OK
