"""The ○ lines of a plan text: what a project promises, as printed and as numbers."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import cache

from kg.codes import read_codes
from kg.extract.layout import fiscal_year_of
from kg.records import Target, TargetKind
from kg.text import clean, folded

_BULLET = re.compile(r"(?:^|(?<=[\s。）)]))[○◯〇]")
_ESTIMATE = re.compile(r"^(?P<label>.+?)\s*[(（][^()（）]*推定\s*(?P<figure>[^()（）]+)[)）]$")
_ABOUT = re.compile(r"[\s:：→…]*(?:約|およそ|おおむね|概ね)$")
_DEADLINE = re.compile(r"(?:(?:令和|平成)[0-9０-９元]+|[0-9０-９]{4})年度(?:末)?まで")
# the topic particle は before a predicate makes the line a statement, not a heading
_STATEMENT = re.compile(r"(?<!また)(?<!ある)(?<!もしく)(?<!で)(?<!に)(?<!と)は[、一-龥]")


@cache
def _figure() -> re.Pattern[str]:
    units = sorted((row["unit"] for row in read_codes("counters")), key=lambda u: (-len(u), u))
    named = "|".join(map(re.escape, units))
    digits = r"[0-9０-９]{1,3}(?:[,，][0-9０-９]{3})+|[0-9０-９]+"
    return re.compile(
        rf"^(?P<label>.*?[^\s:：→…,，.．0-9０-９])[\s:：→…]*"
        rf"(?P<value>(?:{digits})(?:[.．][0-9０-９]+)?)\s*(?P<unit>{named})$"
    )


def split_targets(text: str) -> tuple[str, tuple[str, ...]]:
    """A plan text parted into the prose before the first ○ and the ○ lines without their ○."""
    starts = [match.start() for match in _BULLET.finditer(text)]
    if not starts:
        return text, ()
    ends = [*starts[1:], len(text)]
    lines = (clean(text[a + 1 : b]) for a, b in zip(starts, ends, strict=True))
    return text[: starts[0]], tuple(line for line in lines if line)


def parse_target(order: int, text: str) -> Target:
    """One ○ line as a target.

    "label 1,700件", "label：11件", "label→300件", "label5回" are numeric: the label as
    printed, the value as a decimal, the unit as printed (`data/codes/counters.csv`). A
    figure called 推定 in brackets, or with 約 before it, is an estimate; a line that states
    something (…は…) is a remark; every other line is an activity. A year before まで is the
    due fiscal year.
    """
    due = _DEADLINE.search(text)
    due_year = fiscal_year_of(due[0]) if due else None
    estimate = _ESTIMATE.match(text)
    figure = _figure().match("x" + folded(estimate["figure"]) if estimate else text)
    if figure is None:
        kind = TargetKind.REMARK if _STATEMENT.search(text) else TargetKind.ACTIVITY
        return Target(order, text, kind, due_year=due_year)
    label = estimate["label"] if estimate else figure["label"]
    is_estimate = estimate is not None or _ABOUT.search(label) is not None
    return Target(
        order,
        text,
        TargetKind.ESTIMATE if is_estimate else TargetKind.NUMERIC,
        clean(_ABOUT.sub("", label)) or None,
        _decimal(figure["value"]),
        figure["unit"],
        due_year,
    )


def _decimal(text: str) -> Decimal:
    return Decimal(unicodedata.normalize("NFKC", text).replace(",", ""))
