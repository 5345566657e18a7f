"""make serve: a refused plan keeps nobody from the others; a failure of another kind ends it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, NeedsDebian

SAID = "Some plans have problems (above). What could be published is served.\n"


@pytest.mark.parametrize("target", ["serve", "demo"])
@pytest.mark.parametrize(
    ("code", "serves", "said"), [(0, True, ""), (1, True, SAID), (3, False, "")]
)
def test_what_could_be_published_is_served(
    target: str, code: int, serves: bool, said: str, tmp_path: Path, needs_debian: NeedsDebian
) -> None:
    make = needs_debian("make", "make")
    program = tmp_path / "bin" / "sdgplan"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho "$1" >> {tmp_path}/calls\ntest "$1" = serve || exit {code}\n'
    )
    program.chmod(0o755)
    for folder in ("data/plans/one", "examples/plans/two", "examples/layouts/three"):
        (tmp_path / folder).mkdir(parents=True)
    done = subprocess.run(
        [make, "-f", str(ROOT / "Makefile"), "-o", ".venv/.stamp", "-o", "editor", target,
         f"BIN={program.parent}"],
        cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    calls = (tmp_path / "calls").read_text().split()
    assert calls == (["build", "serve"] if serves else ["build"])
    assert (done.returncode == 0) == serves
    assert (SAID in done.stderr) == bool(said)
