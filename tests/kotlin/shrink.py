"""The rules of the package for shrinkers, which throw away and rename what no code names: an app that was shrunk with
them makes a call; without them it must fail, or they would not be needed.

The shrinker is ProGuard, for class files. R8 reads the same rules, but comes only with Android's tools.
"""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

from tools import pinned
from tools.jar import BUILT
from tools.jni import jdk
from tools.script import BUILD, Failed, expect, run
from tools.version import VERSION

HERE = Path(__file__).resolve().parent / "proguard"
JARS = BUILD / "proguard"
WORK = BUILT / "shrunk"
JAR = BUILT / f"callkey-{VERSION}.jar"
RULES = "META-INF/proguard/callkey.pro"
MAIN = "app.Shrunk"
SAYS = ("refused: ", "opened: ", "exported: true")
# As apps are shrunk: everything that may be renamed gets a new name in one package.
SETTINGS = """
-injars {jar}(callkey/**.class)
-injars {tests}(app/**.class)
-outjars {out}
-libraryjars {jdk}(!**.jar;!module-info.class)
{needs}
-keep class {main} {{ public static void main(java.lang.String[]); }}
-repackageclasses 'small'
-allowaccessmodification
-dontnote
{rules}
"""


def needs() -> list[Path]:
    """Kotlin's standard library and annotations, which the app has as they are."""
    return sorted((BUILT / "needs").glob("*.jar"))


def shrunk(name: str, rules: str) -> Path:
    """The jar of the app and the package."""
    out, settings = WORK / f"{name}.jar", WORK / f"{name}.pro"
    places = {"jar": JAR, "tests": BUILT / "test-classes", "out": out, "jdk": jdk() / "jmods/java.base.jmod"}
    quoted = {key: f"'{place}'" for key, place in places.items()}
    libraries = "\n".join(f"-libraryjars '{jar}'" for jar in needs())
    settings.write_text(SETTINGS.format(main=MAIN, rules=rules, needs=libraries, **quoted), encoding="utf-8")
    run("java", "-cp", f"{JARS}/*", "proguard.ProGuard", f"@{settings}", quiet=True)
    return out


def said(jar: Path, library: Path) -> tuple[int, str]:
    path = ":".join(map(str, [jar, *needs()]))
    command = ["java", f"-Dcallkey.library.path={library.resolve().parent}", "-cp", path, MAIN]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    return done.returncode, done.stdout


def check(library: Path) -> str:
    pinned.get(HERE, JARS)
    WORK.mkdir(exist_ok=True)
    with zipfile.ZipFile(JAR) as packed:
        rules = packed.read(RULES).decode()
    small = shrunk("with", rules)
    with zipfile.ZipFile(small) as packed:
        names = packed.namelist()
    expect("callkey/Native.class" in names and "callkey/CallKey.class" not in names, f"not shrunk: {names}")
    status, text = said(small, library)
    lines = text.splitlines()
    whole = len(lines) == len(SAYS) and all(line.startswith(part) for line, part in zip(lines, SAYS))
    expect(status == 0 and whole, f"shrunk with the rules, the app says:\n{text}")
    # Each rule alone is needed: without it the library does not find what it looks for.
    single = [line for line in rules.splitlines() if line.startswith("-keep")]
    for left_out in single:
        status, text = said(shrunk("without", rules.replace(left_out, "")), library)
        if status == 0:
            raise Failed(f"shrunk without {left_out}, the app works:\n{text}")
    return f"shrunk to {len(names)} files with {len(single)} rules, each of them needed"
