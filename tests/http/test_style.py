"""The style sheets are in one piece: no rule stands in another, none is written twice."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "server/static"

each_sheet = pytest.mark.parametrize("name", ["style.css", "editor/editor.css"])


@each_sheet
def test_rules_within_a_block_are_indented_and_braces_close(name: str) -> None:
    """A selector at the start of a line inside an @media block was put there by mistake."""
    depth, misplaced = 0, []
    text = (STATIC / name).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if depth and "{" in line and not line.startswith(" "):
            misplaced.append((number, line))
        depth += line.count("{") - line.count("}")
    assert (misplaced, depth) == ([], 0)


@each_sheet
def test_no_rule_is_written_twice(name: str) -> None:
    text = (STATIC / name).read_text(encoding="utf-8")
    selectors = Counter(re.findall(r"^([^\s@{}/][^{}]*) \{", text, re.M))
    assert [selector for selector, times in selectors.items() if times > 1] == []
