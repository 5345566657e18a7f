"""Charts: each number is the plan's, each chart says what it counts, the bytes are the same."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

import kg.charts.drawing
from kg.charts import write_charts
from kg.charts.drawing import BAR_SIZES, STEP_SIZES
from kg.charts.figures import charts_of, shortened
from kg.goals import official_names
from kg.pipeline import Options, build
from kg.plan_settings import read_plan_settings
from kg.records import Item, Plan
from kg.settings import Settings
from tests.pipeline.documents import FOLDER, koriyama
from tests.pipeline.test_incremental import change

SETTINGS = read_plan_settings(FOLDER)
SVG = "{http://www.w3.org/2000/svg}"
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
PLACE = "charts/072036/kyodo-2/2021"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The charts of Koriyama."""
    folder = tmp_path_factory.mktemp("charts")
    write_charts(folder, koriyama(), SETTINGS)
    return folder


def texts(path: Path) -> list[str]:
    return [element.text or "" for element in ElementTree.parse(path).iter(f"{SVG}text")]


def bars(path: Path) -> list[tuple[str, float]]:
    """Colour and length of each bar, from the top down."""
    found = []
    for element in ElementTree.parse(path).iter(f"{SVG}path"):
        shape = re.fullmatch(r"M0,([\d.]+)h([\d.]+)v16h-[\d.]+Z", element.get("d", ""))
        if shape and element.get("stroke") == "#333333":
            assert element.get("stroke-width") == "1"
            found.append((float(shape[1]), element.get("fill", ""), float(shape[2])))
    return [(colour, length) for _, colour, length in sorted(found)]


def dots(path: Path, radius: str) -> list[tuple[float, float]]:
    """Where the dots of that size stand: row and distance from the zero line."""
    found = []
    for element in ElementTree.parse(path).iter(f"{SVG}path"):
        if element.get("d", "").startswith(f"M{radius},"):
            x, y = element.get("transform", "")[len("translate(") : -1].split(",")
            found.append((float(y), float(x)))
    return sorted(found)


@pytest.mark.parametrize("size", BAR_SIZES, ids=lambda size: size.name)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_each_goal_has_its_name_its_number_and_a_bar_from_zero(
    drawn: Path, language: str, size: kg.charts.drawing.Size
) -> None:
    path = drawn / f"goals-{language}-{size.name}.svg"
    counts = [count.count for count in koriyama().goal_counts]
    assert counts == [12, 8, 8, 11, 3, 2, 0, 13, 4, 12, 13, 0, 7, 0, 0, 7, 21]
    names = [f"{goal} {official_names(goal)[language]}" for goal in range(1, 18)]
    assert texts(path) == [*map(str, counts), *names]
    lengths = [round(length) for _, length in bars(path)]
    drawn_counts = [count for count in counts if count]
    assert lengths == [round(size.bars * count / 21) for count in drawn_counts]
    assert bars(path)[0][0] == "#E5243B"  # goal 1
    root = ElementTree.parse(path).getroot()
    assert int(root.attrib["width"]) == size.width


def test_the_steps_lead_from_last_years_number_to_this_years(drawn: Path) -> None:
    plan, size = koriyama(), STEP_SIZES[0]
    path = drawn / "balance-ja-wide.svg"
    steps = ["5 ＝5", "5 −1 ＝4", "7 −1 −1 ＝5", "15 ＝15", "9 ＝9", "17 ＋3 −1 ＝19", "16 −1 ＝15"]
    labels = [f"{policy.number} {policy.name}" for policy in plan.policies]
    assert texts(path) == [*steps, *labels]
    for item, radius in ((Item.PREVIOUS, "6.124"), (Item.CURRENT, "3.536")):
        counts = [b.count for b in plan.balances if b.item is item and b.policy]
        expected = [round(size.bars * count / 19, 1) for count in counts]
        assert [round(x, 1) for _, x in dots(path, radius)] == expected


def test_a_table_that_prints_continued_projects_is_drawn_with_their_sum() -> None:
    plan = koriyama()
    new = {cell.policy: cell.count for cell in plan.balances if cell.item is Item.NEW_OR_ADDED}
    balances = tuple(
        dataclasses.replace(cell, item=Item.CONTINUED, count=cell.count - new[cell.policy])
        if cell.item is Item.CURRENT
        else cell
        for cell in plan.balances
    )
    printed, computed = (
        next(c for c in charts_of(one, SETTINGS) if c.is_balance)
        for one in (plan, dataclasses.replace(plan, balances=balances))
    )
    assert computed.rows == printed.rows
    assert "（当年度は新規・追加と継続の和、計算値）" in computed.caption["ja"]
    assert (
        "(the later number is new and continued projects together, computed)"
        in (computed.caption["en"])
    )
    assert "計算値" not in printed.caption["ja"] and "computed" not in printed.caption["en"]


def test_the_departments_stand_in_the_order_of_the_document(drawn: Path) -> None:
    counts = Counter(project.unit.path[0] for project in koriyama().projects if project.unit)
    assert list(counts)[:3] == ["総務部", "政策開発部", "市民部"] and sum(counts.values()) == 72
    for language in ("ja", "en"):
        path = drawn / f"units-{language}-wide.svg"
        assert texts(path) == [*map(str, counts.values()), *counts]
        assert {colour for colour, _ in bars(path)} == {"#cccccc"}  # goals alone have colours


def test_a_chart_says_in_words_what_it_shows() -> None:
    goals, balance, units = charts_of(koriyama(), SETTINGS)
    source = "出典: 第二次郡山市協働推進基本計画 2021年度実施計画（文字データ）"
    assert goals.title["ja"] == "ゴールごとの公表事業数"
    assert goals.alt == {
        "ja": "横棒グラフ。郡山市2021年度、ゴール別の公表事業数。最多は17（21事業）、"
        "0件は7・12・14・15。全数値は次の表。",
        "en": "Bar chart: Koriyama City, fiscal 2021, published projects per goal. "
        "Highest: goal 17 (21). Zero: 7, 12, 14, 15. All values in the table below.",
    }
    assert goals.caption["ja"] == (
        f"単位は事業、2021年度、資料に公表された件数。{source} 65–73行目"
    )
    assert balance.alt["ja"] == (
        "点のグラフ。郡山市、基本施策ごとの公表事業数、2020年度から2021年度へ。"
        "増えたのは施策6、減ったのは施策2・3・7。全数値は次の表。"
    )
    assert balance.alt["en"].endswith(
        "More: policy 6. Fewer: policies 2, 3, 7. All values in the table below."
    )
    assert units.alt["ja"] == (
        "横棒グラフ。郡山市2021年度、担当する部・局ごとの掲載事業数。"
        "最多は保健福祉部（13事業）。全数値は次の表。"
    )
    assert "事業一覧から数えた値（計算値）" in units.caption["ja"]
    assert "counted from the project table" in units.caption["en"]


def test_the_file_carries_its_title_and_description_and_nothing_a_page_would_refuse(
    drawn: Path,
) -> None:
    told = json.loads((drawn / "charts.json").read_text(encoding="utf-8"))["charts"]
    assert [chart["name"] for chart in told] == ["goals", "balance", "units"]
    files = {path.name for path in drawn.iterdir()} - {"charts.json"}
    for chart in told:
        for size in chart["sizes"]:
            for language in ("ja", "en"):
                name = f"{chart['name']}-{language}-{size['name']}.svg"
                files.remove(name)
                text = (drawn / name).read_text(encoding="utf-8")
                root = ElementTree.fromstring(text)
                assert root.findtext(f"{SVG}title") == chart["title"][language]
                assert root.findtext(f"{SVG}desc") == chart["alt"][language]
                assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == language
                assert (root.get("width"), root.get("height")) == (
                    str(size["width"]), str(size["height"])
                )  # fmt: skip
                assert not re.search(r"<script|<style|style=|href|class=|url\(", text)
    assert files == set()


def test_the_bytes_do_not_hang_on_fonts(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for font in ("DejaVu Sans Mono", "Noto Sans CJK JP"):
        kg.charts.drawing._bars.cache_clear()
        kg.charts.drawing._steps.cache_clear()
        monkeypatch.setattr(kg.charts.drawing, "NO_FONT", font)
        write_charts(tmp_path / font, koriyama(), SETTINGS)
        for path in drawn.iterdir():
            assert (tmp_path / font / path.name).read_bytes() == path.read_bytes(), path.name
    kg.charts.drawing._bars.cache_clear()
    kg.charts.drawing._steps.cache_clear()


def changed(**more: object) -> list[str]:
    """The names of the charts of Koriyama's plan with other records."""
    plan: Plan = dataclasses.replace(koriyama(), **more)  # type: ignore[arg-type]
    return [chart.name for chart in charts_of(plan, SETTINGS)]


def test_what_has_no_numbers_is_not_drawn() -> None:
    plan = koriyama()
    zero = tuple(dataclasses.replace(count, count=0) for count in plan.goal_counts)
    assert changed(goal_counts=()) == ["balance", "units"]
    assert changed(goal_counts=zero) == ["balance", "units"]
    no_past = tuple(cell for cell in plan.balances if cell.item is not Item.PREVIOUS)
    assert changed(balances=no_past) == ["goals", "units"]
    one = tuple(p for p in plan.projects if p.unit and p.unit.path[0] == "総務部")
    assert changed(projects=one) == ["goals", "balance"]
    many = tuple(
        dataclasses.replace(
            plan.projects[0],
            unit=dataclasses.replace(plan.projects[0].unit, path=(f"部{n}",)),  # type: ignore[type-var]
        )
        for n in range(61)
    )
    assert changed(projects=many) == ["goals", "balance"]
    assert changed(projects=many[:60]) == ["goals", "balance", "units"]


def test_goals_that_share_the_highest_count_are_all_named_and_zero_is_left_out() -> None:
    plan = koriyama()
    counts = tuple(
        dataclasses.replace(count, count=5 if count.goal < 3 else 1) for count in plan.goal_counts
    )
    chart = charts_of(dataclasses.replace(plan, goal_counts=counts), SETTINGS)[0]
    assert chart.alt["ja"] == (
        "横棒グラフ。郡山市2021年度、ゴール別の公表事業数。最多は1・2（各5事業）。全数値は次の表。"
    )
    assert "Highest: goals 1, 2 (5 each). All values" in chart.alt["en"]


def test_a_label_is_cut_where_its_column_ends() -> None:
    assert shortened("あ" * 24) == "あ" * 24
    assert shortened("あ" * 25) == "あ" * 23 + "…"
    assert shortened("a" * 45) == "a" * 45
    assert len(shortened("a" * 60)) == 44


def test_charts_of_unchanged_plans_are_links_and_withdrawn_plans_have_none(data: Path) -> None:
    var = data.parent / "var"

    def built(hours: int, **more: object) -> Path:
        options = Options(validator="shacl", **more)  # type: ignore[arg-type]
        outcome = build(data, var, Settings(), NOW + timedelta(hours=hours), options)
        assert outcome.release is not None, outcome.problems
        return outcome.release.path

    first = built(0)
    change(data)
    second = built(1)
    files = sorted(path.name for path in (first / PLACE).iterdir())
    assert len(files) == 13
    assert all((second / PLACE / name).samefile(first / PLACE / name) for name in files)
    other = "charts/990019/kyodo/2021/goals-ja-wide.svg"
    # other words in that plan, but the same numbers
    assert (second / other).samefile(first / other)
    raised = data / "plans" / "koriyama-2021" / "plan.toml"
    raised.write_text(
        raised.read_text(encoding="utf-8").replace('"Koriyama City"', '"City of Koriyama"')
    )
    change(data, "2", "3")
    (second / other).unlink()
    third = built(2, jobs=2)  # this process has drawn before: other ones must be able to
    drawn = (third / PLACE / "goals-en-wide.svg").read_text(encoding="utf-8")
    assert "City of Koriyama, fiscal 2021" in drawn
    assert (third / other).read_bytes() == (first / other).read_bytes()
    shutil.rmtree(data / "plans" / "reishi-2021")
    fourth = built(3, withdraw=("reishi-2021",))
    assert (fourth / PLACE).is_dir()
    assert not (fourth / "charts" / "990019").exists()
