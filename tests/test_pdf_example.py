"""The PDF of the made-up 模擬町: written by its script, and published without a problem."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from kg.checking import check_plan
from kg.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "examples" / "layouts" / "mogicho-2021"


def test_the_pdf_is_what_its_script_writes(tmp_path: Path) -> None:
    written = tmp_path / "plan.pdf"
    subprocess.run([sys.executable, ROOT / "examples/pdf_plan.py", written], check=True)
    kept = (FOLDER / "plan.pdf").read_bytes()
    assert written.read_bytes() == kept
    assert len(kept) < 100_000


def test_its_goals_are_read_from_coloured_tiles() -> None:
    checked = check_plan(FOLDER, Settings(), "shacl")
    assert checked.problems == ()
    assert checked.extraction and checked.extraction.plan
    assert checked.extraction.said == (
        'at the head or foot of 3 pages, read once: "模擬町（架空）2021年度実施計画 1"',
        "25 pictures in cells; goals were read from the colours of 25",
    )
    projects = checked.extraction.plan.projects
    assert [tuple(link.goal for link in p.stated_links) for p in projects] == [
        *((13, 15), (4, 6, 14), (12,), (7, 13)),
        *((3, 11), (1, 2), (5,), (4, 10, 16)),
        *((8, 9, 11), (2, 8), (11, 17), (11, 13)),
    ]
    assert projects[8].origin.where == "page 2, row 36"
    assert projects[9].origin.where == "page 3, row 38"
