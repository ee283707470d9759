"""The ``callkey`` command, for people at a terminal. ``import callkey`` does not load it.

One module per subcommand; each has ``add(parsers)``, which declares it, and ``run(arguments,
page)``, which runs it and returns its exit status.
"""

from .program import main

__all__ = ["main"]
