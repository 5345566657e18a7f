"""The words of `words.toml`, read once and parted into what a plan is made of."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

WORDS_FILE = Path(__file__).with_name("words.toml")

GOAL_NAMES = (
    "貧困をなくそう",
    "飢餓をゼロに",
    "すべての人に健康と福祉を",
    "質の高い教育をみんなに",
    "ジェンダー平等を実現しよう",
    "安全な水とトイレを世界中に",
    "エネルギーをみんなにそしてクリーンに",
    "働きがいも経済成長も",
    "産業と技術革新の基盤をつくろう",
    "人や国の不平等をなくそう",
    "住み続けられるまちづくりを",
    "つくる責任 つかう責任",
    "気候変動に具体的な対策を",
    "海の豊かさを守ろう",
    "陸の豊かさも守ろう",
    "平和と公正をすべての人に",
    "パートナーシップで目標を達成しよう",
)
"""The official short names, as printed in Japan; the place is the goal's number less one."""


@dataclass(frozen=True, slots=True)
class Theme:
    """What a project can be about; `goals` are pairs of goal and probability."""

    name: str
    goals: tuple[tuple[int, float], ...]
    stems: tuple[str, ...]
    purposes: tuple[str, ...]
    actions: tuple[str, ...]
    targets: tuple[tuple[str, str, int, int], ...]
    account: str | None


@cache
def words() -> dict[str, Any]:
    """The tables of words.toml as they are."""
    return tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))


@cache
def themes() -> dict[str, Theme]:
    """Every theme by its name, in the order of the file."""
    return {name: _theme(name, table) for name, table in words()["themes"].items()}


def _theme(name: str, table: dict[str, Any]) -> Theme:
    return Theme(
        name,
        tuple((int(goal), float(chance)) for goal, chance in table["goals"].items()),
        tuple(table["stems"]),
        tuple(table["purposes"]),
        tuple(table["actions"]),
        tuple(_target(text) for text in table["targets"]),
        table.get("account"),
    )


def _target(text: str) -> tuple[str, str, int, int]:
    """The parts of "label unit lowest highest"."""
    label, unit, lowest, highest = text.rsplit(" ", 3)
    return label, unit, int(lowest), int(highest)
