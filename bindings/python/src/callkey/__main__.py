"""``python -m callkey`` is the ``callkey`` command."""

import sys

from .cli import main

sys.exit(main())
