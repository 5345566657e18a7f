"""What a plan's charts show, and what they say of themselves in Japanese and English.

Each text tells place, year, measure and who counted; see docs/guide.md. Numbers that the
document publishes and numbers counted from its table never stand in one chart.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.goals import colour, official_names
from kg.origin import Origin
from kg.plan_settings import PlanSettings
from kg.records import Item, Plan

LANGUAGES = ("ja", "en")
MOST_ROWS = 60
"""A chart with more rows is not drawn: nobody would read it."""
LABEL_EM = 24.0
"""Room for a label, in widths of a full-width character."""
UNIT_COLOUR = "#cccccc"

Texts = dict[str, str]
"""By language."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a chart: one `count`, or `before` and `after` with the `steps` between them."""

    label: Texts
    count: int = 0
    colour: str = UNIT_COLOUR
    before: int = 0
    after: int = 0
    steps: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of a plan; `name` is that of its files, `is_balance` says how it is drawn.

    `alt` is for those who cannot see it; `caption` names unit, year, who counted and source.
    """

    name: str
    rows: tuple[Row, ...]
    title: Texts
    alt: Texts
    caption: Texts
    is_balance: bool = False


@dataclass(frozen=True, slots=True)
class _Words:
    """Place, year and source of a plan, by language."""

    city: Mapping[str, str]
    document: Mapping[str, str]
    year: int


def charts_of(plan: Plan, settings: PlanSettings) -> list[Chart]:
    """The charts for which the plan has numbers: `goals`, `balance`, `units`."""
    words = _Words(
        settings["municipality.name"],
        settings["document.title"] or settings["plan.title"],
        settings.year,
    )
    found = (_goals(plan, words), _balance(plan, words), _units(plan, words))
    return [chart for chart in found if chart is not None and len(chart.rows) <= MOST_ROWS]


def _goals(plan: Plan, words: _Words) -> Chart | None:
    counts = {count.goal: count for count in plan.goal_counts}
    most = max((count.count for count in counts.values()), default=0)
    if not most:
        return None
    ordered = [counts[goal] for goal in sorted(counts)]
    rows = tuple(
        Row(
            {language: f"{c.goal} {_name(official_names(c.goal), language)}"
             for language in LANGUAGES},
            c.count,
            colour(c.goal),
        )
        for c in ordered
    )  # fmt: skip
    highest = [c.goal for c in ordered if c.count == most]
    zero = [c.goal for c in ordered if c.count == 0]
    ja, en = (_name(words.city, language) for language in LANGUAGES)
    source = _sources(words, (c.origin for c in ordered))
    return Chart(
        "goals",
        rows,
        {"ja": "ゴールごとの公表事業数", "en": "Published projects per goal"},
        {
            "ja": f"横棒グラフ。{ja}{words.year}年度、ゴール別の公表事業数。最多は"
            f"{_listed(highest)}（{'各' if len(highest) > 1 else ''}{most}事業）"
            + (f"、0件は{_listed(zero)}" if zero else "")
            + "。全数値は次の表。",
            "en": f"Bar chart: {en}, fiscal {words.year}, published projects per goal. "
            f"Highest: {_counted('goal', highest)} ({most}{' each' if len(highest) > 1 else ''}). "
            + (f"Zero: {', '.join(map(str, zero))}. " if zero else "")
            + "All values in the table below.",
        },
        {
            "ja": f"単位は事業、{words.year}年度、資料に公表された件数。{source['ja']}",
            "en": f"Unit: projects; fiscal {words.year}; as published in the document. "
            f"{source['en']}",
        },
    )


_COMPUTED_EN = " (the later number is new and continued projects together, computed)"
_ENDED = (Item.COMPLETED_OR_ABOLISHED, Item.ROUTINE, Item.MERGED)


def _balance(plan: Plan, words: _Words) -> Chart | None:
    cells = {(cell.policy, cell.item): cell.count for cell in plan.balances}
    computed = _with_sums(cells)
    names = {policy.number: policy.name for policy in plan.policies}
    numbers = [
        number
        for number in dict.fromkeys(cell.policy for cell in plan.balances if cell.policy)
        if {(number, Item.PREVIOUS), (number, Item.CURRENT)} <= cells.keys()
    ]
    rows = tuple(
        Row(
            dict.fromkeys(LANGUAGES, f"{number} {names.get(number, '')}".strip()),
            before=cells[number, Item.PREVIOUS],
            after=cells[number, Item.CURRENT],
            steps=_steps(cells, number),
        )
        for number in numbers
    )
    if not any(row.before or row.after for row in rows):
        return None
    more = [n for n, row in zip(numbers, rows, strict=True) if row.after > row.before]
    fewer = [n for n, row in zip(numbers, rows, strict=True) if row.after < row.before]
    before, after = words.year - 1, words.year
    ja, en = (_name(words.city, language) for language in LANGUAGES)
    source = _sources(words, (cell.origin for cell in plan.balances))
    return Chart(
        "balance",
        rows,
        {
            "ja": f"基本施策ごとの事業数の増減 {before}→{after}",
            "en": f"Change by policy, {before} to {after}",
        },
        {
            "ja": f"点のグラフ。{ja}、基本施策ごとの公表事業数、{before}年度から{after}年度へ。"
            f"増えたのは{_policies_ja(more)}、減ったのは{_policies_ja(fewer)}。全数値は次の表。",
            "en": f"Dot chart: {en}, published projects per policy, fiscal {before} to {after}. "
            f"More: {_counted('policy', more)}. Fewer: {_counted('policy', fewer)}. "
            "All values in the table below.",
        },
        {
            "ja": f"○ {before}年度、● {after}年度。右は前年度の数に新規・追加を足し、完了・廃止、"
            "経常、統合を引いた数。単位は事業、資料に公表された件数"
            f"{'（当年度は新規・追加と継続の和、計算値）' if computed else ''}。{source['ja']}",
            "en": f"○ fiscal {before}, ● fiscal {after}. At the right: the earlier number, new or "
            "added projects, projects no longer listed, the later number. Unit: projects; as "
            f"published in the document{_COMPUTED_EN if computed else ''}. {source['en']}",
        },
        is_balance=True,
    )


def _with_sums(cells: dict[tuple[str | None, Item], int]) -> bool:
    """Put in the projects of the year where a table prints new and continued ones instead.

    Returns whether anything had to be computed.
    """
    sums = {
        (policy, Item.CURRENT): count + cells[policy, Item.NEW_OR_ADDED]
        for (policy, item), count in cells.items()
        if item == Item.CONTINUED
        and (policy, Item.CURRENT) not in cells
        and (policy, Item.NEW_OR_ADDED) in cells
    }
    cells.update(sums)
    return bool(sums)


def _steps(cells: Mapping[tuple[str | None, Item], int], policy: str) -> str:
    added = cells.get((policy, Item.NEW_OR_ADDED), 0)
    ended = [count for item in _ENDED if (count := cells.get((policy, item), 0))]
    parts = [
        str(cells[policy, Item.PREVIOUS]),
        *([f"＋{added}"] if added else []),
        *(f"−{count}" for count in ended),
        f"＝{cells[policy, Item.CURRENT]}",
    ]
    return " ".join(parts)


def _units(plan: Plan, words: _Words) -> Chart | None:
    counts = Counter(project.unit.path[0] for project in plan.projects if project.unit)
    if len(counts) < 2:
        return None
    # in the order of the document: a Counter keeps it
    rows = tuple(Row(dict.fromkeys(LANGUAGES, name), count) for name, count in counts.items())
    most = max(counts.values())
    highest = [name for name, count in counts.items() if count == most]
    ja, en = (_name(words.city, language) for language in LANGUAGES)
    source = _sources(words, (project.origin for project in plan.projects))
    return Chart(
        "units",
        rows,
        {"ja": "部・局ごとの掲載事業数", "en": "Listed projects per department"},
        {
            "ja": f"横棒グラフ。{ja}{words.year}年度、担当する部・局ごとの掲載事業数。最多は"
            f"{'、'.join(highest)}（{'各' if len(highest) > 1 else ''}{most}事業）。"
            "全数値は次の表。",
            "en": f"Bar chart: {en}, fiscal {words.year}, listed projects per department. "
            f"Highest: {', '.join(highest)} ({most}{' each' if len(highest) > 1 else ''}). "
            "All values in the table below.",
        },
        {
            "ja": f"単位は事業、{words.year}年度、事業一覧から数えた値（計算値）、資料の順。"
            f"{source['ja']}",
            "en": f"Unit: projects; fiscal {words.year}; counted from the project table, in the "
            f"order of the document. {source['en']}",
        },
    )


def _sources(words: _Words, origins: Iterable[Origin]) -> Texts:
    by_sheet: dict[str | None, set[int]] = {}
    has_rows = False
    for origin in origins:
        if origin.number is not None:
            by_sheet.setdefault(origin.sheet, set()).add(origin.number)
            has_rows |= origin.row is not None
    ja, en = (_name(words.document, language) for language in LANGUAGES)
    places_ja, places_en = "", ""
    for sheet, numbers in by_sheet.items():
        first, last = min(numbers), max(numbers)
        between = str(first) if first == last else f"{first}–{last}"
        word = ("row" if has_rows else "line") + ("" if first == last else "s")
        named = ("", "") if sheet is None else (f"シート「{sheet}」", f"sheet “{sheet}”, ")
        places_ja += f" {named[0]}{between}行目"
        places_en += f", {named[1]}{word} {between}"
    return {"ja": f"出典: {ja}{places_ja}", "en": f"Source: {en}{places_en}"}


def _name(names: Mapping[str, str], language: str) -> str:
    return names.get(language) or names["ja"]


def _listed(goals: Sequence[int]) -> str:
    return "・".join(map(str, goals))


def _policies_ja(numbers: Sequence[str]) -> str:
    return "施策" + "・".join(numbers) if numbers else "なし"


def _counted(word: str, numbers: Sequence[object]) -> str:
    plural = {"goal": "goals", "policy": "policies"}[word]
    if not numbers:
        return "none"
    return f"{word if len(numbers) == 1 else plural} {', '.join(map(str, numbers))}"


def shortened(label: str) -> str:
    """The label as far as it fits into LABEL_EM, with … if something is left out."""
    if sum(map(_em, label)) <= LABEL_EM:
        return label
    room, kept = LABEL_EM - 1, ""
    for character in label:
        room -= _em(character)
        if room < 0:
            break
        kept += character
    return f"{kept.rstrip()}…"


def _em(character: str) -> float:
    return 1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.53
