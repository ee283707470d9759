"""Another release of Debian next to this system, for compilers, emulators and interpreters that it lacks.

python3 -m tests.debian RELEASE install PACKAGE...   makes the root if there is none, and installs what it lacks
python3 -m tests.debian RELEASE has PACKAGE...       succeeds if the root is there and holds these packages
python3 -m tests.debian RELEASE run COMMAND...       runs a command in it: as root, in the project, seen there
                                                     as /project, with HOME, PATH, LANG and CI set and nothing else

RELEASE is a code name: bullseye, trixie. A PACKAGE of another one is named with it: libc6/bookworm. The root's folder
is build/RELEASE, or DEBIAN_ROOT. It is a plain folder: remove it as any other. Every mount is made in a namespace of
the command's own and ends with it, as does every process that the command leaves behind, so nothing stays mounted or
running. Installing waits for the commands that run in the root, and they for it.

Exit status: the command's own; 77, and a line that says what is missing, where it can't be done here. With CI=true
that is a failure with status 1.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Optional

from tools.script import BUILD, IN_CI, ROOT, Failed, Word, ending, start, words

# The index of a release that is still in the making runs out after a week, and a mirror may be that old.
OLD_INDEX = 'Acquire::Check-Valid-Until "false"'

INSIDE = """
root=$1 project=$2
shift 2
mkdir -p "$root/project"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$project" "$root/project"
chroot "$root" "$@"
"""


class Lacking(Exception):
    """This machine lacks something; the text names it, and how to get it."""

    def status(self, otherwise: int) -> int:
        """Print the text and return the exit status: 1 with CI=true."""
        print(f"skipped: needs {self}", file=sys.stderr, flush=True)
        return 1 if IN_CI else otherwise


class Root:
    """The folder of a release. ``folder`` is another place for it."""

    def __init__(self, release: str, folder: Optional[Path] = None) -> None:
        self.release = release
        self.folder = folder or Path(os.environ.get("DEBIAN_ROOT") or BUILD / release)
        self.log = self._beside("log")

    def _beside(self, ending: str) -> Path:
        return self.folder.with_name(f"{self.folder.name}.{ending}")

    @contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        """One lock next to the root. The commands do not inherit it, or one of their daemons would keep it."""
        if os.geteuid() != 0:
            raise Lacking(f"root to make and enter a Debian {self.release} root; run it as root")
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self._beside("lock").open("w") as lock:
            fcntl.flock(lock, kind)
            yield

    def command(self, *command: Word) -> list[str]:
        """The command line that runs a command in the root, in new namespaces."""
        environment = [
            "HOME=/root",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG=C.UTF-8",
            "DEBIAN_FRONTEND=noninteractive",
            f"CI={os.environ.get('CI', '')}",
            f"http_proxy={os.environ.get('http_proxy', '')}",
        ]
        outside = words("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", INSIDE, "sh")
        return [*outside, *words(self.folder, ROOT, "env", "-i", "-C", "/project", *environment, *command)]

    def run(self, *command: Word, log: Optional[Path] = None) -> int:
        """Run a command in the root and return its exit status. Its output goes to ``log``, or is shown."""
        with self._locked(fcntl.LOCK_SH):
            if not self.folder.is_dir():
                get = f"python3 -m tests.debian {self.release} install PACKAGE"
                raise Lacking(f'a Debian {self.release} root, get it with "{get}"')
            if log is None:
                return subprocess.run(self.command(*command), check=False).returncode
            with log.open("w") as out:
                return subprocess.run(self.command(*command), stdout=out, stderr=out, check=False).returncode

    def has(self, *packages: str) -> bool:
        if os.geteuid() != 0 or not self.folder.is_dir():
            return False
        with self._locked(fcntl.LOCK_SH):
            return not self._lacks(packages)

    def install(self, *packages: str) -> None:
        """Make the root if there is none, and install what it lacks. Raises Lacking and Failed."""
        with self._locked(fcntl.LOCK_EX):
            if not self.folder.is_dir():
                self._make()
            # Debian's packages bring sources in Go, which are not packages of this module.
            (self.folder / "go.mod").write_text(f"module debian/{self.release}\n", encoding="utf-8")
            if not self._lacks(packages):
                return
            print(f"{self.release}: installing {' '.join(packages)}", flush=True)
            self.share_network()
            own = [package for package in packages if "/" not in package]
            if own:
                self._apt("--target-release", self.release, *own)
            for package in packages:
                if "/" in package:
                    self._install_from(*package.split("/"))

    def copy(self, folder: Path) -> Root:
        """A copy of the root in another place, to modify."""
        with self._locked(fcntl.LOCK_SH):
            folder.parent.mkdir(parents=True, exist_ok=True)
            self._logged("cp", "-a", "--reflink=auto", str(self.folder), str(folder))
        return Root(self.release, folder)

    def share_network(self) -> None:
        """The network as this system reaches it."""
        for file in ("resolv.conf", "hosts"):
            shutil.copy(Path("/etc", file), self.folder / "etc")
        authorities = "usr/local/share/ca-certificates"
        if Path("/", authorities).is_dir():
            shutil.copytree(Path("/", authorities), self.folder / authorities, dirs_exist_ok=True)

    def _install_from(self, package: str, release: str) -> None:
        """Install a package of another release, which then stays at that release."""
        etc = self.folder / "etc/apt"
        sources = (etc / "sources.list").read_text(encoding="utf-8")
        (etc / f"sources.list.d/{release}.list").write_text(
            sources.replace(f" {self.release} ", f" {release} "), encoding="utf-8"
        )
        self._apt(package)
        (etc / f"preferences.d/{package}").write_text(
            f"Package: {package}\nPin: release n={release}\nPin-Priority: 990\n", encoding="utf-8"
        )

    def _lacks(self, packages: tuple[str, ...]) -> bool:
        """Whether one of them is not installed, or not from the release that it is named with."""
        names = [package.split("/")[0] for package in packages]
        if any("/" in package and not self._pinned(package.split("/")[0]) for package in packages):
            return True
        query = ["chroot", str(self.folder), "dpkg-query", "-W", "-f", "${db:Status-Status}\n", *names]
        told = subprocess.run(query, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        return told.stdout.split() != ["installed"] * len(names)

    def _pinned(self, package: str) -> bool:
        return (self.folder / "etc/apt/preferences.d" / package).is_file()

    def _make(self) -> None:
        if shutil.which("mmdebstrap") is None:
            get = 'get it with "apt-get install mmdebstrap"'
            raise Lacking(f"mmdebstrap to make a Debian {self.release} root, {get}")
        # Under another name until it is whole: an interrupted run leaves nothing that looks like a root.
        partial = self._beside("partial")
        shutil.rmtree(partial, ignore_errors=True)
        print(f"{self.release}: making {self.folder}", flush=True)
        # Half the processor time of debootstrap, which unpacks packages twice.
        options = ("--mode=root", "--variant=minbase", f"--aptopt={OLD_INDEX}")
        source = f"deb http://deb.debian.org/debian {self.release} main"
        self._logged("mmdebstrap", *options, self.release, str(partial), source)
        partial.rename(self.folder)

    def _apt(self, *packages: str) -> None:
        self._logged(*self.command("apt-get", "update", "-q"))
        self._logged(*self.command("apt-get", "install", "-q", "-y", "--no-install-recommends", *packages))
        self._logged(*self.command("apt-get", "clean"))

    def _logged(self, *command: str) -> None:
        with self.log.open("a") as log:
            status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False).returncode
        if status != 0:
            last = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]
            print(*last, sep="\n", file=sys.stderr)
            raise Failed(f"{self.release}: {command[0]}: {ending(status)}; {self.log} has all of it")


def main(arguments: list[str]) -> int:
    if len(arguments) < 3 or arguments[1] not in ("install", "has", "run"):
        print(*(__doc__ or "").splitlines()[2:6], sep="\n", file=sys.stderr)
        return 2
    root, action = Root(arguments[0]), arguments[1]
    try:
        if action == "run":
            return root.run(*arguments[2:])
        if action == "has":
            return 0 if root.has(*arguments[2:]) else 1
        root.install(*arguments[2:])
    except Lacking as lacking:
        return lacking.status(77)
    return 0


if __name__ == "__main__":
    start(main)
