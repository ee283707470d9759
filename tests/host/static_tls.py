"""The library loads next to libraries that use 1,400 bytes of static TLS, one or seven, before and after them. The
control uses all of it: then no library that needs any can be loaded."""

from __future__ import annotations

from tests.host.noun import Noun
from tools.script import PYTHON, Failed, run


def static_tls(noun: Noun) -> str:
    size = run(PYTHON, "-m", "tools.tls", noun.library).strip()
    made = noun.compiler
    host = made.program("static_tls/static_tls", ["tests/host/static_tls.c"], None, "-ldl")

    def filler(name: str, taken: int) -> str:
        return str(made.shared(f"static_tls/{name}", ["tests/host/static_tls_filler.c"], None, f"-DSIZE={taken}"))

    large, most = filler("large", 1400), filler("most", 1648)
    small = [filler(f"small{i}", 200) for i in range(1, 8)]
    for others in ([large], small):
        noun.held(host, *others, noun.library)
        noun.held(host, noun.library, *others)
    control = noun.ended(host, most, small[0])
    if control.status == 0:
        raise Failed("the control loads: this C library has more static TLS than the test fills")
    if "static TLS" not in control.stderr:
        raise control.failure()
    return f"{size}, and it loads before and after libraries that take 1,400, one or seven"
