"""The texts of the chart of a comparison: what it shows, in what unit, and whose numbers it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from kg.goals import GOALS
from server.compare.chart import Texts, shown
from server.compare.choice import Choice, Entry, Show
from server.compare.columns import Column, Kind
from server.compare.names import names_of
from server.licences import licence_name

UNITS = {
    Show.COUNT: ("事業", "projects"),
    Show.SHARE: ("％（掲載事業のうち）", "% of the listed projects"),
    Show.PER_100: ("掲載100事業あたりの事業数", "projects per 100 listed"),
}
"""Of the numbers in the chart, Japanese and English."""
_MEASURES = {
    Show.COUNT: ("ゴールごとの事業数", "projects per goal"),
    Show.SHARE: ("ゴールごとの事業の割合", "share of projects per goal"),
    Show.PER_100: ("ゴールごとの、100事業あたりの事業数", "projects per goal, per 100 listed"),
}
_KINDS = {
    Kind.PUBLISHED: ("公表件数", "as published"),
    Kind.LINKED: ("関連付けを数えた件数", "linked projects counted"),
    Kind.NOTHING: ("不明", "unknown"),
}


def chart_texts(
    columns: Sequence[Column], choice: Choice, held: Sequence[Entry], language: str, address: str
) -> Texts:
    """The texts that are drawn and those for who cannot see the picture.

    `held` are all plans that are served, `address` is that of the page. The alternative text is:
    type, places and years, measure and unit, the highest. Where all the values are, who shows the
    picture knows best.
    """
    show = choice.show
    foot = (*_missing(choice, held, language), *_foot(columns, language, address))
    place = 0 if language == "ja" else 1
    measure, unit = _MEASURES[show][place], UNITS[show][place]
    labels = [column.label(language) for column in columns]
    if language == "ja":
        title = f"{'・'.join(labels)}の{measure}"
        facts = "。".join(_fact_ja(c, show) for c in columns)
        return Texts(
            title,
            f"横棒グラフ。{title}。単位は{unit}。{facts}。",
            f"{measure}（単位: {unit}）",
            foot,
        )
    title = f"{', '.join(labels)}: {measure}"
    facts = " ".join(_fact_en(c, show) for c in columns)
    return Texts(
        title,
        f"Bar chart. {title}. Unit: {unit}. {facts}",
        f"{measure[0].upper()}{measure[1:]} (unit: {unit})",
        foot,
    )


def in_file(texts: Texts, language: str) -> Texts:
    """The texts for a picture that stands alone: its values are in it."""
    where = {
        "ja": "各数値は棒の端にあります。",
        "en": " Each value stands at the end of its bar.",
    }
    return Texts(
        texts.title, texts.description + where[language], texts.heading, texts.foot
    )  # fmt: skip


def _missing(choice: Choice, held: Sequence[Entry], language: str) -> list[str]:
    """What was asked for and is not in the picture."""
    if not choice.absent and not choice.left_out:
        return []
    names = names_of(held)
    entries = {str(entry["code"]): entry for entry in held}
    mark = "年度" if language == "ja" else ""
    absent = [
        f"{names.municipality(entries[code], language)} {year}{mark}"
        for code, year in choice.absent
    ]
    left_out = [
        " ".join(
            [
                f"{names.municipality(e, language)} {e['year']}{mark}",
                *filter(None, [names.title(e, language)]),
            ]
        )
        for e in choice.left_out
    ]
    if language == "ja":
        starts, joint = ("計画が未収録: ", "5計画までのため図にない計画: "), "、"
    else:
        starts = ("No plan in the collection: ", "Not shown, five plans at most: ")
        joint = ", "
    pairs = zip(starts, (absent, left_out), strict=True)
    return [start + joint.join(found) for start, found in pairs if found]


def _foot(columns: Sequence[Column], language: str, address: str) -> tuple[str, ...]:
    """Sources, then licence, date and address: what a saved picture must say of itself."""
    letters: dict[str, str] = {}
    for column in columns:
        titles = column.entry["document"]["title"]
        title = titles.get(language, titles["ja"])
        letters[title] = letters.get(title, "") + column.letter
    made_up = [column.letter for column in columns if column.is_made_up]
    start = "出典: " if language == "ja" else "Source: "
    sources = [f"{start}{letter} {title}" for title, letter in letters.items()]
    licences = sorted({str(c.entry["licence"]) for c in columns if c.entry.get("licence")})
    days = [date.fromisoformat(c.entry["modified"]) for c in columns if c.entry.get("modified")]
    names = [licence_name(licence) for licence in licences]
    if language == "ja":
        data = ["データ: " + "、".join(names)] if names else []
        data += [f"{max(days).year}年{max(days).month}月{max(days).day}日更新"] if days else []
        told = [f"{'・'.join(made_up)}は試験用の架空の自治体です。"] if made_up else []
        return (*told, *sources, "、".join([*data, address]))
    data = ["Data: " + ", ".join(names)] if names else []
    data += [f"updated {max(days).day} {max(days):%B %Y}"] if days else []
    told = [f"Made up, for tests: {', '.join(made_up)}."] if made_up else []
    return (*told, *sources, ", ".join([*data, address]))


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
