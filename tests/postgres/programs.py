"""Where PostgreSQL's programs are."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Optional


def programs() -> Optional[Path]:
    """The folder with initdb. Debian keeps it off the PATH, one for each version: the newest."""
    folders = [initdb.parent for initdb in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if folders:
        return max(folders, key=lambda folder: int(folder.parent.name))
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None
