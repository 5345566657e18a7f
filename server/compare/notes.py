"""What of two plans can be compared, in words: one note for each pair of columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from server.compare.columns import Column, Kind, Links


@dataclass(frozen=True, slots=True)
class Note:
    """Two columns by their letters, whether their numbers compare, and why, by language."""

    letters: tuple[str, str]
    is_comparable: bool
    sentences: tuple[tuple[str, str], ...]
    """Japanese and English."""


def notes_of(columns: Sequence[Column]) -> list[Note]:
    """A note for each pair, in the order of the columns."""
    return [_note(a, b) for a, b in combinations(columns, 2)]


def _note(a: Column, b: Column) -> Note:
    kinds = {a.kind, b.kind}
    found: list[tuple[str, str]] = []
    if Kind.NOTHING in kinds:
        unknown = "・".join(c.letter for c in (a, b) if c.kind is Kind.NOTHING)
        found.append(
            (
                f"{unknown}はゴールごとの件数が資料にないため、比較できません。",
                f"{unknown.replace('・', ' and ')}: the document gives no numbers per goal, so "
                "they cannot be compared.",
            )
        )
        return Note((a.letter, b.letter), False, tuple(found))
    if kinds == {Kind.PUBLISHED}:
        found.append(
            ("公表件数どうしは比較できます。", "Published numbers can be compared with each other.")
        )
    elif kinds == {Kind.LINKED}:
        found.append(
            (
                "どちらも関連付けを数えた件数で、互いに比較できます。",
                "Both are counts of linked projects and can be compared with each other.",
            )
        )
    else:
        published, linked = (a, b) if a.kind is Kind.PUBLISHED else (b, a)
        found.append(
            (
                f"{published.letter}は公表件数、{linked.letter}は関連付けを数えた件数です。"
                "数え方が違うことがあるため、差は目安です。",
                f"{published.letter} is as published, {linked.letter} counts linked projects. "
                "They may be counted differently: take differences as a rough guide.",
            )
        )
    for column in (a, b):
        if column.kind is Kind.LINKED and not column.is_exact:
            found.append(
                (
                    f"{column.letter}の件数は、分かっている関連付けだけの下限です。",
                    f"{column.letter} is a lower bound: some of its links are unknown.",
                )
            )
    found += _projects(a, b)
    if a.year != b.year:
        found.append(
            (
                f"年度が違います（{a.year}年度と{b.year}年度）。",
                f"The fiscal years differ ({a.year} and {b.year}).",
            )
        )
    if a.is_made_up != b.is_made_up:
        made_up = a if a.is_made_up else b
        found.append(
            (
                f"{made_up.letter}は試験用の架空の自治体です。",
                f"{made_up.letter} is a made-up municipality for tests.",
            )
        )
    return Note((a.letter, b.letter), True, tuple(found))


def _projects(a: Column, b: Column) -> list[tuple[str, str]]:
    """Whether the projects behind the numbers can be compared by name."""
    if {a.links, b.links} == {Links.KNOWN}:
        return [
            (
                "どの事業がどのゴールに関わるかも、両方とも分かります。",
                "Which project serves which goal is known for both.",
            )
        ]
    unknown = [c.letter for c in (a, b) if c.links is Links.UNKNOWN]
    some = [c.letter for c in (a, b) if c.links is Links.SOME]
    ja, en = [], []
    if unknown:
        ending = "が分からず" if some else "が分かりません"
        ja.append(f"{'・'.join(unknown)}は、どの事業がどのゴールか{ending}")
        en.append(f"is not known for {' and '.join(unknown)}")
    if some:
        what = "" if unknown else "どの事業がどのゴールかが"
        ja.append(f"{'・'.join(some)}は、{what}一部しか分かりません")
        en.append(f"{'' if unknown else 'is '}only partly known for {' and '.join(some)}")
    return [
        (
            f"事業名どうしは比較できません（{'、'.join(ja)}）。",
            f"Projects cannot be compared by name: which of them serve a goal {', and '.join(en)}.",
        )
    ]
