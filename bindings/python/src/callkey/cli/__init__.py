"""The ``callkey`` command, for people at a terminal. Nothing of it is loaded by ``import callkey``.

One module per subcommand; each has ``add(parsers)``, which declares it, and
``run(arguments, page)``, which does it and returns its exit status.
"""

from .program import main

__all__ = ["main"]
