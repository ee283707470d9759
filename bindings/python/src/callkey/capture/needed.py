"""The packages that only captures need, imported when they are used."""

from __future__ import annotations

import importlib
from types import ModuleType


class MissingPackageError(ImportError):
    """A package of an extra is not installed. The text says how to get it."""


def needed(module: str, what: str = "callkey capture", extra: str = "capture") -> ModuleType:
    """The module. Raises MissingPackageError if its package is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise MissingPackageError(f"{what} needs {package}: pip install 'callkey[{extra}]'", name=package) from None
