"""make test-hwasan: calls, file stores and the examples with HWAddressSanitizer in the host's code and in the library's
C, on arm64 under QEMU. Pointers to the host's heap and stack reach the library, and Go, with a tag in their highest
byte, as in an Android app that is built with it.

At the end, the sanitizer must stop accesses that are wrong on purpose.
"""

from __future__ import annotations

from tests import library
from tests.arm64 import QEMU, TARGET, TRIPLE, need_arm64
from tests.c import run as c
from tests.program import Compiler, ended
from tools.script import BUILD, start
from tools.version import SONAME

BUILT = BUILD / "hwasan"
TESTS = ("answers", "accounts", "sessions", "concurrency", "children", "bug")
CC = (f"{TRIPLE}-gcc", "-fsanitize=hwaddress")
# The function in which the sanitizer must stop each access.
WRONG = {"stack": "main", "heap": "main", "library": "callkey_wipe", "freed": "callkey_wipe"}


def main(_: list[str]) -> None:
    need_arm64()
    tested = library.current(BUILT / SONAME, "hwasan", env=TARGET)
    # A library without the sanitizer, for a host with it: the one of test-mte.
    plain = library.current(BUILD / "mte" / SONAME, "apart", env=TARGET)
    c.passes(tested, *TESTS, cc=CC, runner=QEMU)

    compiler = Compiler(BUILT, "-std=c99", "-g", cc=CC)
    unsanitized = Compiler(BUILT, "-std=c99", cc=[f"{TRIPLE}-gcc"])
    first = unsanitized.object("tests/hwasan/first.c")
    wrong = compiler.program("wrong", ["tests/hwasan/wrong.c"], tested)
    beside = compiler.program("plain/wrong", ["tests/hwasan/wrong.c", first], plain)

    # Fixed tags: with random ones, a block and the bytes behind it would sometimes get the same tag.
    same = {"HWASAN_OPTIONS": "random_tags=0"}
    ended(*QEMU, beside, limit=300, env=same).held()
    ended(*QEMU, wrong, limit=300, env=same).held()
    for name, function in WRONG.items():
        end = ended(*QEMU, wrong, name, limit=300, env=same)
        if end.status == 0 or "HWAddressSanitizer: tag-mismatch" not in end.said or f" in {function} " not in end.said:
            raise end.failure("not stopped")
    print(f"HWAddressSanitizer: {len(WRONG)} wrong accesses made on purpose were stopped")


if __name__ == "__main__":
    start(main)
