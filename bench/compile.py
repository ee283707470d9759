"""Compiles Go benchmarks like tools/build.py builds the library, so that the figures apply to the library."""

from __future__ import annotations

from pathlib import Path

from tools.script import GO, run

# Secrets are erased by the Go experiment, as in the library on linux/amd64 and linux/arm64; or by core/secret, as
# on other platforms.
EXPERIMENTS = {"runtime": "runtimesecret", "portable": ""}


def compile_benchmarks(mode: str, package: str, output: Path) -> None:
    run(
        *(GO, "test", "-c", "-trimpath", "-buildvcs=false"),
        *("-tags", "sqlite_omit_load_extension,netgo,osusergo", "-o", str(output), package),
        env={
            "GOEXPERIMENT": EXPERIMENTS[mode],
            "CGO_ENABLED": "1",
            "CGO_CFLAGS": "-O2 -g -DSQLITE_TEMP_STORE=3",
        },
    )
