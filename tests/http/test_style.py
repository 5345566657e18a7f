"""The style sheet is in one piece: no rule stands in another, none is written twice."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

STYLE = (Path(__file__).parents[2] / "server/static/style.css").read_text(encoding="utf-8")


def test_rules_within_a_block_are_indented_and_braces_close() -> None:
    """A selector at the start of a line inside an @media block was put there by mistake."""
    depth, misplaced = 0, []
    for number, line in enumerate(STYLE.splitlines(), 1):
        if depth and "{" in line and not line.startswith(" "):
            misplaced.append((number, line))
        depth += line.count("{") - line.count("}")
    assert (misplaced, depth) == ([], 0)


def test_no_rule_is_written_twice() -> None:
    selectors = Counter(re.findall(r"^([^\s@{}/][^{}]*) \{", STYLE, re.M))
    assert [selector for selector, times in selectors.items() if times > 1] == []
