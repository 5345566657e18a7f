"""A new version and day of change in plan.toml, everything else left as its author wrote it."""

from __future__ import annotations

import re
import tomllib
from datetime import date

from kg.errors import WrongUse

_TABLE = re.compile(r"\s*\[")
_DATASET = re.compile(r"\s*\[\s*dataset\s*\]\s*(#.*)?$")
_VALUE = r"""(\s*{}\s*=\s*)("[^"]*"|'[^']*'|[0-9-]+)(.*)"""


def next_version(version: str) -> str:
    """The version with its last number one higher: 1 -> 2, 2.9 -> 2.10, 2026-a -> 2027-a.

    Raises WrongUse if there is no number in it.
    """
    match = re.fullmatch(r"(.*?)(\d+)(\D*)", version, re.DOTALL)
    if match is None:
        raise WrongUse(
            f'[dataset] version is "{version}", which has no number to raise. '
            "Fix: give the plan another version by hand in plan.toml."
        )
    return f"{match[1]}{int(match[2]) + 1:0{len(match[2])}d}{match[3]}"


def with_version(text: str, version: str, modified: date) -> str:
    """The text of plan.toml with these two values under [dataset]; comments and the rest stay.

    Raises WrongUse where they do not stand on lines of their own.
    """
    lines, is_dataset = text.splitlines(keepends=True), False
    for place, line in enumerate(lines):
        if _TABLE.match(line):
            is_dataset = bool(_DATASET.match(line.rstrip("\r\n")))
        if is_dataset:
            lines[place] = _with(_with(line, "version", f'"{version}"'), "modified", str(modified))
    changed, wanted = "".join(lines), tomllib.loads(text)
    wanted["dataset"] = {**wanted["dataset"], "version": version, "modified": modified}
    if tomllib.loads(changed) != wanted:
        raise WrongUse(
            "version and modified do not stand on lines of their own under [dataset] in plan.toml. "
            f'Fix: set version = "{version}" and modified = {modified} by hand.'
        )
    return changed


def _with(line: str, key: str, value: str) -> str:
    match = re.fullmatch(_VALUE.format(key), line, re.DOTALL)
    return line if match is None else f"{match[1]}{value}{match[3]}"
