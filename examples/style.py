"""How one municipality prints its plans: words of the headings, notation of goals, and marks."""

from __future__ import annotations

from dataclasses import dataclass

from dice import Dice
from words import GOAL_NAMES

LINKS = ("stated", "lost", "mixed")
"""Whether goals are stated as text, lost icons, or some of each in one document."""

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True)
class Style:
    """The habits of one municipality, the same in every year."""

    links: str
    notation: str
    basic_plan: tuple[str, str, str]
    number_head: str
    name_head: str
    text_head: str
    unit_head: str
    goals_head: str
    policy_mark: str
    balance: str
    review_lists: str
    goal_labels: str
    total_label: str
    minus: str
    separator: str
    tag_rate: float
    wide_rate: float


BASIC_PLANS = (
    ("kyodo", "協働推進基本計画", "basic plan for the promotion of collaboration"),
    ("sogo", "総合計画", "comprehensive plan"),
    ("machizukuri", "まちづくり推進計画", "plan for community development"),
    ("sdgs", "SDGs推進計画", "plan for the SDGs"),
)
NOTATIONS = ("numbers", "full-width", "goal", "purpose", "sdg", "target", "brackets", "names")
BALANCES = ("shifted", "one-row", "two-rows", "continued")


def style_of(seed: int, index: int, links: str | None) -> Style:
    """The style of a municipality; without `links` the three kinds take turns."""
    dice = Dice(f"{seed}/{index}/style")
    return Style(
        links or LINKS[(index - 1) % len(LINKS)],
        dice.pick(NOTATIONS),
        dice.pick(BASIC_PLANS),
        dice.pick(("No.", "No.", "番号", "事業番号")),
        dice.pick(("事業名", "事業名", "事業名称", "取組名")),
        dice.pick(("事業計画", "事業計画", "事業内容", "取組内容")),
        dice.pick(("担当課", "担当課", "所管課", "担当部署")),
        dice.pick(("SDGsの取り組み", "SDGsの取組", "関連するSDGs")),
        dice.pick(("基本施策", "基本施策", "施策", "基本方針")),
        dice.pick(BALANCES),
        dice.pick(("one list", "one list", "a list each")),
        dice.pick(("names in pairs", "names in pairs", "names", "numbers")),
        dice.pick(("計", "計", "合計")),
        dice.pick(("△ ", "△ ", "△", "▲")),
        dice.pick((" ", "：", "→", "", "varied")),
        dice.pick((0.0, 0.15, 0.3)),
        dice.pick((0.0, 0.5, 1.0)),
    )


def printed_goals(goals: tuple[int, ...], notation: str) -> str:
    """The goals in a cell, in one of NOTATIONS; empty for none."""
    if notation == "numbers":
        return ", ".join(map(str, goals))
    if notation == "full-width":
        return "、".join(str(goal).translate(_FULL_WIDTH) for goal in goals)
    if notation == "goal":
        return "、".join(f"ゴール{goal}" for goal in goals)
    if notation == "purpose":
        return "・".join(f"目標{str(goal).translate(_FULL_WIDTH)}" for goal in goals)
    if notation == "sdg":
        return " ".join(f"SDG {goal}" for goal in goals)
    if notation == "target":
        # every goal has targets 1 to 3
        return ", ".join(f"{goal}.{1 + goal % 3}" for goal in goals)
    if notation == "brackets":
        return "".join(f"[{goal}]" for goal in goals)
    return "、".join(GOAL_NAMES[goal - 1] for goal in goals)
