"""The plan of 例市 (tests/data/README.md) in several versions, for tests of history and changes."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

REISHI = Path(__file__).resolve().parents[1] / "data" / "plans" / "reishi-2021"


def reishi_data(data: Path) -> Path:
    """A data folder with a copy of the plan."""
    shutil.copytree(REISHI, data / "plans" / REISHI.name)
    return data


def raise_version(
    data: Path, version: str, *, modified: str = "2026-11-24", more: str = ""
) -> None:
    """Set the version of the copy; `more` is added to its plan.toml."""
    settings = data / "plans" / REISHI.name / "plan.toml"
    text = settings.read_text(encoding="utf-8")
    text = re.sub(r'(?m)^version = ".*"$', f'version = "{version}"', text)
    text = re.sub(r"(?m)^modified = .*$", f"modified = {modified}", text)
    settings.write_text(text + more, encoding="utf-8")


def edit(data: Path, name: str, *pairs: tuple[str, str]) -> None:
    """Replace words of a file of the copy; each must be there once."""
    path = data / "plans" / REISHI.name / name
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
