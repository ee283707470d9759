"""``python -m tests.engines.pjsip.load DRIVER``: PJSIP's library is an extension module, which only Python can load."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import pjsua2


def main() -> int:
    library = next(Path(pjsua2.__file__).parent.glob("_pjsua2.*.so"))
    ctypes.CDLL(str(library), ctypes.RTLD_GLOBAL)
    status: int = ctypes.CDLL(sys.argv[1]).serve()
    return status


if __name__ == "__main__":
    raise SystemExit(main())
