"""The texts of the chart of a comparison: title, what it shows for those who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kg.goals import GOALS
from server.compare.chart import shown
from server.compare.choice import Show
from server.compare.columns import Column, Kind

_MEASURES = {
    Show.COUNT: ("ゴールごとの事業数", "projects per goal"),
    Show.SHARE: ("ゴールごとの事業の割合（％）", "share of projects per goal (%)"),
    Show.PER_100: ("ゴールごとの、掲載100事業あたりの事業数", "projects per goal, per 100 listed"),
}
_KINDS = {
    Kind.PUBLISHED: ("公表件数", "as published"),
    Kind.LINKED: ("関連付けを数えた件数", "linked projects counted"),
    Kind.NOTHING: ("不明", "unknown"),
}


def chart_texts(columns: Sequence[Column], show: Show, language: str) -> tuple[str, str]:
    """Title and text alternative: type, places and years, measure and basis, the highest."""
    ja, en = _MEASURES[show]
    if language == "ja":
        title = f"{'・'.join(_who(c, 'ja') for c in columns)}の{ja}"
        facts = "。".join(_fact_ja(c, show) for c in columns)
        return title, f"横棒グラフ。{title}。{facts}。全数値は次の表。"
    title = f"{', '.join(_who(c, 'en') for c in columns)}: {en}"
    facts = " ".join(_fact_en(c, show) for c in columns)
    return title, f"Bar chart. {title}. {facts} All values in the table below."


def _who(column: Column, language: str) -> str:
    year = f"{column.year}年度" if language == "ja" else f" {column.year}"
    return f"{column.name(language)}{year}"


def _highest(column: Column, show: Show) -> tuple[list[int], Decimal] | None:
    numbers = {goal: shown(column.main(goal), column, show) for goal in GOALS}
    known = {goal: number for goal, number in numbers.items() if number is not None}
    most = max(known.values(), default=Decimal(0))
    return ([goal for goal in known if known[goal] == most], most) if most else None


def _fact_ja(column: Column, show: Show) -> str:
    found = _highest(column, show)
    start = f"{column.letter} {column.name('ja')}（{_KINDS[column.kind][0]}）"
    if found is None:
        return f"{start}: 該当する数はありません"
    goals, most = found
    return f"{start}: 最多は{'・'.join(map(str, goals))}（{most:,}）"


def _fact_en(column: Column, show: Show) -> str:
    found = _highest(column, show)
    start = f"{column.letter} {column.name('en')} ({_KINDS[column.kind][1]})"
    if found is None:
        return f"{start}: no number."
    goals, most = found
    return f"{start}: highest for goal {', '.join(map(str, goals))} ({most:,})."
