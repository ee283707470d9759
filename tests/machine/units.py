"""tools/machine on simulated machines: its requests, its output, and the files that it must not change."""

from __future__ import annotations

import fcntl
import io
import os
import re
import tempfile
import unittest
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

from tools import dist, zig
from tools.machine import __main__ as machine
from tools.machine import fetched, packages, pypi
from tools.machine.table import APART, CHECKERS, FETCHED_GO, OF_FULL, TABLE, Need, needs
from tools.script import ROOT, Failed, run, sources
from tools.test import ELSEWHERE

GCC = Need("gcc", "gcc", must=True)
MUSL = Need("musl-gcc", "musl-tools", "test-musl")
GO_MOD = (1, 26, 0)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


class Table(unittest.TestCase):
    def test_every_target_is_one_of_the_makefile(self) -> None:
        targets = set(re.findall(r"^([a-z0-9-]+):", read("Makefile"), re.MULTILINE)) | {FETCHED_GO}
        for row in (*TABLE, *CHECKERS):
            with self.subTest(row=row):
                self.assertLessEqual(set(row.targets.split()), targets)

    def test_the_demo_needs_a_compiler_and_nothing_for_tests(self) -> None:
        with mock.patch.dict(os.environ, {"CC": "cc"}):
            wanted = [need.packages for need in needs(["demo"])]
        self.assertEqual(wanted, ["gcc", "libc6-dev", "ca-certificates"])

    def test_test_is_what_it_runs_and_faults_every_test_and_check(self) -> None:
        self.assertEqual(APART | OF_FULL, ELSEWHERE)
        test, full, faults = set(needs(["test"])), set(needs(["test-full"])), set(needs(["faults"]))
        for target in set(re.findall(r"^(test-[a-z0-9-]+):", read("Makefile"), re.MULTILINE)):
            with self.subTest(target=target):
                its = set(needs([target]))
                self.assertLessEqual(its, faults)
                if target not in APART:
                    self.assertLessEqual(its, full)
                if target not in APART | OF_FULL:
                    self.assertLessEqual(its, test)
        self.assertLess(test, full)
        self.assertLess(full | set(needs(["check"])), faults)

    def test_the_compiler_is_what_cc_says(self) -> None:
        for cc, package in ("clang -O1", "clang"), ("i686-linux-gnu-gcc", "gcc-i686-linux-gnu"), ("/opt/cc", ""):
            with mock.patch.dict(os.environ, {"CC": cc}):
                self.assertEqual(needs(["lib"])[0], Need(cc.split()[0], package, must=True))

    def test_what_a_skipped_test_asks_for_is_in_the_table(self) -> None:
        """A test that says `get it with "apt-get install X"` is one that make test as root does not skip."""
        known = set(" ".join(row.packages for row in TABLE).split())
        asked = {}
        for name in run("git", "ls-files", "*.sh", "*.py", "*.go").split():
            text = read(name) if not name.startswith("tests/machine/") and (ROOT / name).exists() else ""
            found = re.findall(r"apt-get install ([a-z0-9][a-z0-9.+ -]+)", text)
            found += re.findall(r"""^\s*need\(?["' ]\S+?["']?,? ["']?([a-z0-9][a-z0-9.+ -]+)["']?\)?$""", text, re.M)
            asked.update({package: name for package in " ".join(found).split() if not package.startswith("-")})
        self.assertGreater(len(asked), 10)
        self.assertEqual({package: name for package, name in asked.items() if package not in known}, {})


class Make(unittest.TestCase):
    """The calls of make that look for missing tools."""

    def asks(self, *arguments: str, level: str = "") -> bool:
        with tempfile.TemporaryDirectory() as folder:
            asked = Path(folder, "asked")
            python = Path(folder, "python3")
            python.write_text(f'#!/bin/sh\n[ "$2" != tools.machine ] || touch {asked}\n', encoding="utf-8")
            python.chmod(0o755)
            flags = {"MAKEFLAGS": "", "MAKELEVEL": level}
            run("make", *arguments, f"PYTHON={python}", env=flags, quiet=True)
            return asked.exists()

    def test_it_asks_for_a_target(self) -> None:
        for arguments in ("newest",), ("-k", "newest"), ("--no-print-directory", "ALL=yes", "newest"):
            self.assertTrue(self.asks(*arguments), arguments)

    def test_nothing_is_installed_for_help_or_to_look(self) -> None:
        for arguments in (), ("help",), ("-n", "newest"), ("-kn", "newest"), ("-n", "test"), ("-t", "help"):
            self.assertFalse(self.asks(*arguments), arguments)

    def test_a_make_in_make_does_not_ask_again(self) -> None:
        """make test runs 24 of them side by side, and without a network each would wait for apt-get."""
        self.assertFalse(self.asks("newest", level="1"))

    def test_two_at_once_take_turns(self) -> None:
        with tempfile.TemporaryDirectory() as folder:

            def other(_: list[str]) -> None:
                there = os.open(folder, os.O_RDONLY)
                with self.assertRaises(BlockingIOError):
                    fcntl.flock(there, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.close(there)
                tried.append(True)

            tried: list[bool] = []
            with mock.patch.object(machine, "BUILD", Path(folder)), mock.patch.object(machine, "provide_all", other):
                machine.main(["lib"])
                machine.main(["lib"])
        self.assertEqual(tried, [True, True])

    def test_what_make_reads_is_whole(self) -> None:
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(machine, "BUILD", Path(folder)):
            result = Path(folder, "machine.mk")
            result.write_text("old", encoding="utf-8")
            with result.open(encoding="utf-8") as reader:
                nothing = {"provide": mock.DEFAULT, "provide_go": mock.DEFAULT, "provide_checkers": mock.DEFAULT}
                with mock.patch.multiple(machine, **nothing):
                    machine.main(["lib"])
                self.assertEqual(reader.read(), "old")
            self.assertIn("By tools/machine", result.read_text(encoding="utf-8"))
            self.assertEqual(os.listdir(folder), ["machine.mk"])


class Wheel(unittest.TestCase):
    def test_it_needs_no_git(self) -> None:
        """The README's `make wheel`, in sources that were downloaded."""
        with mock.patch.object(dist, "run", lambda *command, **_: self.assertNotEqual(command[0], "git") or "1"):
            told = dist.ingredients()
            with mock.patch.object(dist, "sources", lambda *names: sources(*names)[1:]):
                self.assertNotEqual(dist.ingredients(), told)

    def test_it_is_made_of_what_git_has(self) -> None:
        known = run("git", "ls-files", "-z", "--", *dist.MADE_OF).rstrip("\0").split("\0")
        self.assertLessEqual({name for name in known if (ROOT / name).is_file()}, set(sources(*dist.MADE_OF)))


class Packages(unittest.TestCase):
    """Debian or not, root or not."""

    def provide(
        self, missing: list[Need], root: bool, debian: bool = True, mends: bool = True, ci: bool = False
    ) -> str:
        """What is printed; self.installed is what was installed, self.status how it ended."""
        self.installed: list[Need] = []
        self.status = 0

        def install(needs: list[Need]) -> None:
            self.installed = needs
            if not mends:
                raise Failed("apt-get: exit status 100")

        def there(need: Need) -> bool:
            return need not in missing or need in self.installed

        which = mock.patch("shutil.which", lambda command: "/usr/bin/apt-get" if debian else None)
        lists = mock.patch("glob.glob", lambda pattern: ["a list"])
        uid = mock.patch("os.geteuid", lambda: 0 if root else 1000)
        with which, lists, uid, mock.patch.object(packages, "IN_CI", ci):
            with redirect_stdout(io.StringIO()) as told:
                try:
                    packages.provide([GCC, MUSL], there, install)
                except SystemExit as end:
                    self.status = int(str(end.code))
                except Failed as failure:
                    self.status = 1
                    return str(failure)
        return told.getvalue()

    def test_nothing_is_said_where_all_is_there(self) -> None:
        self.assertEqual((self.provide([], root=True), self.installed, self.status), ("", [], 0))

    def test_a_user_gets_one_line(self) -> None:
        told = self.provide([GCC, MUSL], root=False)
        self.assertEqual(told, "sudo apt-get install -y --no-install-recommends gcc musl-tools\n")
        self.assertEqual((self.installed, self.status), ([], 1))

    def test_a_user_may_leave_out_what_only_skips_tests(self) -> None:
        told = self.provide([MUSL], root=False)
        self.assertTrue(told.endswith("sudo apt-get install -y --no-install-recommends musl-tools\n"))
        self.assertEqual((self.installed, self.status), ([], 0))

    def test_root_gets_all_that_is_missing(self) -> None:
        self.provide([GCC, MUSL], root=True)
        self.assertEqual((self.installed, self.status), ([GCC, MUSL], 0))

    def test_root_without_a_network(self) -> None:
        self.assertEqual(self.provide([GCC, MUSL], root=True, mends=False), "apt-get: exit status 100")
        self.assertIn("tests will be skipped", self.provide([MUSL], root=True, mends=False))
        self.assertEqual(self.status, 0)

    def test_in_ci_nothing_may_be_missing(self) -> None:
        self.provide([MUSL], root=False, ci=True)
        self.assertEqual((self.installed, self.status), ([MUSL], 0))
        self.assertEqual(self.provide([MUSL], root=True, mends=False, ci=True), "apt-get: exit status 100")
        self.assertEqual(self.status, 1)

    def test_another_system_names_the_command(self) -> None:
        self.assertEqual(self.provide([GCC, MUSL], root=True, debian=False), "this machine lacks gcc")
        self.assertEqual((self.provide([MUSL], root=True, debian=False), self.status), ("", 0))

    def test_what_has_no_package_is_named(self) -> None:
        other = Need("/opt/cc", "", must=True)
        with mock.patch("shutil.which", lambda command: "/usr/bin/apt-get"), self.assertRaises(Failed) as failure:
            packages.provide([other], lambda need: False, self.fail)
        self.assertEqual(str(failure.exception), "this machine lacks /opt/cc")

    def test_apt_without_lists_is_updated_first(self) -> None:
        with mock.patch("glob.glob", lambda pattern: []):
            self.assertTrue(packages.line([GCC]).startswith("sudo apt-get update && sudo apt-get install "))

    def test_a_package_that_this_release_lacks_is_left_out(self) -> None:
        commands = []

        def noted(*command: str, **_: object) -> str:
            commands.append(command)
            return (
                "gcc:\n  Installed: (none)\n  Candidate: 4:12\n  Version table:\n"
                "musl-tools:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n"
            )

        with mock.patch.object(packages, "run", noted), redirect_stdout(io.StringIO()):
            packages.install([GCC, MUSL])
        self.assertEqual(commands[-1][-1], "gcc")
        self.assertNotIn("musl-tools", commands[-1])


class Go(unittest.TestCase):
    """Which Go will do, and the links in build/bin."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.build = Path(folder.name)
        for name, value in ("BUILD", self.build), ("BIN", self.build / "bin"):
            patch = mock.patch.object(fetched, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        self.path(self.build / "bin", "/nowhere")

    def path(self, *folders: object) -> None:
        patch = mock.patch.dict(os.environ, {"PATH": os.pathsep.join(map(str, folders))})
        patch.start()
        self.addCleanup(patch.stop)

    def go(self, folder: str, version: str, says: str = "", status: int = 1) -> Path:
        """A Go of a version. Asked in the project's folder it says another one, or fails."""
        command = self.build / folder / "bin" / "go"
        command.parent.mkdir(parents=True)
        (self.build / folder / "VERSION").write_text(f"{version}\ntime 2026-01-01T00:00:00Z\n", encoding="utf-8")
        command.write_text(f"#!/bin/sh\necho 'go version {says} linux/amd64'\nexit {status}\n", encoding="utf-8")
        command.chmod(0o755)
        (command.parent / "gofmt").symlink_to("go")
        self.path(self.build / "bin", command.parent, "/usr/bin", "/bin")
        return command

    def test_versions(self) -> None:
        for text, value in (
            ("go1.26.6", (1, 26, 6)),
            ("go 1.26.0", GO_MOD),
            ("go version go1.19.8 linux/amd64", (1, 19, 8)),
            ("go1.21", (1, 21, 0)),
            ("go1.26rc1", (1, 26, -1)),
            ("devel", None),
        ):
            self.assertEqual(fetched.version(text), value)

    def test_the_one_of_go_mod_and_later_ones_are_fit(self) -> None:
        for version in "go1.26.0", "go1.26.8", "go1.27rc1", "go1.30":
            # Asking it would fail.
            self.go(version, version)
            self.assertEqual(fetched.unfit("go", GO_MOD), "", version)

    def test_debian_12_has_one_that_is_too_old(self) -> None:
        place = self.go("debian", "go1.19.8", says="go1.26.0", status=0)
        self.assertEqual(fetched.unfit("go", GO_MOD), f"{place} is 1.19.8, and go.mod asks for 1.26.0")

    def test_one_that_fetches_what_go_mod_asks_for_is_fit(self) -> None:
        self.go("switches", "go1.21.0", says="go1.26.0", status=0)
        self.assertEqual(fetched.unfit("go", GO_MOD), "")

    def test_one_that_may_not_is_unfit(self) -> None:
        for folder, status in ("refuses", 1), ("stays", 0):
            place = self.go(folder, "go1.24.4", says="go1.24.4", status=status)
            with mock.patch("sys.stderr", io.StringIO()):
                self.assertEqual(fetched.unfit("go", GO_MOD), f"{place} is 1.24.4, and go.mod asks for 1.26.0")

    def test_none(self) -> None:
        self.assertEqual(fetched.unfit("go", GO_MOD), "there is no go on the PATH")

    def test_the_one_in_build_is_not_this_machine_s(self) -> None:
        place = self.go("go-9", "go1.99")
        fetched.link(place)
        self.path(self.build / "bin")
        self.assertEqual(fetched.unfit("go", GO_MOD), "there is no go on the PATH")

    def test_links_come_and_go(self) -> None:
        command = self.go(fetched.fetched_go().name, "go1.26.6")
        with mock.patch.object(fetched, "fetch_go", self.fail):
            fetched.provide_go("there is none")
            for name in "go", "gofmt":
                self.assertTrue((self.build / "bin" / name).samefile(command))
            fetched.provide_go("there is none")
            fetched.provide_go("")
        self.assertEqual(os.listdir(self.build / "bin"), [])

    def test_another_version_is_fetched(self) -> None:
        fetched.link(self.go("go-1.20", "go1.20"))
        with mock.patch.object(fetched, "fetch_go") as fetch, redirect_stdout(io.StringIO()):
            fetched.provide_go("there is none")
        self.assertIn(mock.call(fetched.fetched_go()), fetch.mock_calls)

    def test_it_is_pinned_for_both_processors_and_new_enough(self) -> None:
        pins = fetched.PINS.read_text(encoding="utf-8")
        self.assertEqual(len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", pins)), 2)
        wanted, has = fetched.version(read("go.mod")), fetched.version(fetched.fetched_go().name.replace("-", ""))
        assert wanted and has
        self.assertGreaterEqual(has, wanted)

    def test_zig_is_pinned_for_both_processors(self) -> None:
        pins = zig.PINS.read_text(encoding="utf-8")
        self.assertEqual(len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", pins)), 2)
        self.assertRegex(pypi.pinned(zig.PINS, "ziglang"), r"^\d+\.\d+\.\d+$")
