"""Goals read from the colours of icons: as pictures, as areas, damaged, grey, in inks, wrong."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reportlab.pdfgen import canvas

from kg.extract.colours import MARGIN, TOLERANCE, Palette, difference, lab
from kg.extract.plan import Extraction
from kg.goals import GOALS, colour
from tests.pipeline.documents import read
from tests.pipeline.pdfs import (
    ICON,
    Draw,
    Drawn,
    as_area,
    as_ink,
    as_picture,
    icons_pdf,
    rgb,
    tile,
)
from tests.pipeline.sheets import folder_of

PALETTE = Palette({goal: colour(goal) for goal in GOALS})


def extraction(tmp_path: Path, data: bytes, icons: str = "") -> Extraction:
    folder = folder_of(tmp_path, "plan.pdf", data)
    text = (folder / "plan.toml").read_text(encoding="utf-8")
    (folder / "plan.toml").write_text(
        text.replace('icons = "spaces"', f'icons = "{icons}"' if icons else ""), encoding="utf-8"
    )
    return read(folder)


def goals_read(tmp_path: Path, draw: Draw) -> list[int]:
    """The goal of each icon of goals 1 to 17; 0 for one that was not recognised."""
    plan = extraction(tmp_path, icons_pdf(draw)).plan
    assert plan
    return [next((link.goal for link in p.stated_links), 0) for p in plan.projects]


# --- colours ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ],
)
def test_differences_are_those_of_the_published_test_data(
    one: tuple[float, ...], other: tuple[float, ...], expected: float
) -> None:
    """Sharma, Wu, Dalal 2005, table 1: pairs 1, 18, 22, 34 and 7."""
    assert float(difference(one, other)) == pytest.approx(expected, abs=1e-4)


def test_every_official_colour_is_read_and_no_two_are_within_reach() -> None:
    values = lab([rgb(goal) for goal in GOALS])
    apart = difference(values[:, None], values[None]) + 100 * np.eye(17)
    assert round(float(apart.min()), 1) == 7.3
    assert apart.min() > TOLERANCE + MARGIN / 2
    assert [PALETTE.read(tile(goal)).goal for goal in GOALS] == list(GOALS)


def test_a_colour_between_two_goals_is_neither() -> None:
    between = np.array([rgb(1), rgb(4)]).mean(axis=0)
    reading = PALETTE.read(np.tile(between, (20, 20, 1)))
    assert (reading.goal, reading.colour) == (None, "#D51E34")
    assert reading.why == "3.6 away from goal 4, 3.7 from goal 1"


def test_two_icons_in_one_picture_are_of_several_colours() -> None:
    both = np.concatenate([np.asarray(tile(5)), np.asarray(tile(8))], axis=1)
    assert PALETTE.read(both).why == "of several colours"


def test_no_damage_of_jpeg_makes_one_goal_another() -> None:
    """Small pictures of low quality are not recognised, which is no harm; none is wrong."""
    known = {}
    for pixels in (16, 32, 64):
        for quality in (95, 75, 50, 20, 5):
            found = []
            for goal in GOALS:
                out = io.BytesIO()
                tile(goal, pixels).save(out, "JPEG", quality=quality)
                with Image.open(out) as picture:
                    shown = picture.convert("RGB").resize((40, 40), Image.Resampling.BICUBIC)
                found.append(PALETTE.read(np.asarray(shown)[4:-4, 4:-4]).goal)
            assert {goal for goal, read in zip(GOALS, found, strict=True) if read} == {
                read for read in found if read
            }
            assert all(read in (None, goal) for goal, read in zip(GOALS, found, strict=True))
            known[pixels, quality] = sum(read is not None for read in found)
    assert known[16, 95] == known[32, 95] == known[32, 75] == known[32, 50] == 17
    assert known[64, 95] == known[64, 75] == known[64, 50] == known[64, 20] == 17


# --- in documents ----------------------------------------------------------------------------

CLEAR: dict[str, Draw] = {
    "8 pixels": as_picture(8),
    "24 pixels": as_picture(24),
    "300 pixels": as_picture(300),
    "JPEG 95, 24 pixels": as_picture(24, 95),
    "JPEG 75, 64 pixels": as_picture(64, 75),
    "JPEG 30, 64 pixels": as_picture(64, 30),
    "JPEG 10, 64 pixels": as_picture(64, 10),
    "areas with their numbers": as_area,
}


@pytest.mark.parametrize("kind", CLEAR)
def test_icons_are_recognised(tmp_path: Path, kind: str) -> None:
    assert goals_read(tmp_path, CLEAR[kind]) == list(GOALS)


@pytest.mark.parametrize(
    ("draw", "unknown"),
    [(as_picture(64, 90, "CMYK"), []), (as_ink(True), []), (as_ink(False), [6])],
)
def test_in_inks_a_goal_is_read_or_doubtful_and_never_another(
    tmp_path: Path, draw: Draw, unknown: list[int]
) -> None:
    found = goals_read(tmp_path, draw)
    assert all(read in (0, goal) for goal, read in zip(GOALS, found, strict=True))
    assert [goal for goal, read in zip(GOALS, found, strict=True) if not read] == unknown


def test_grey_icons_are_told_and_counted_only_if_plan_toml_says_so(tmp_path: Path) -> None:
    data = icons_pdf(as_picture(64, None, "L"), (3, 8))
    problems = [p for p in extraction(tmp_path, data).problems if p.code == "icon-unknown"]
    assert [(p.origin.where, p.statement, p.found) for p in problems] == [
        (f"page 1, row {row}", "1 of 1 icons are not recognised by their colours",
         "no colour, grey or nearly without colour")
        for row in (3, 4)
    ]  # fmt: skip
    counted = extraction(tmp_path, data, "count")
    assert not [p for p in counted.problems if p.code.startswith("icon")]
    assert counted.said == ("2 pictures in cells; goals were read from the colours of 0",)
    assert counted.plan
    assert [(p.icon_count, p.stated_links) for p in counted.plan.projects] == [(1, ()), (1, ())]


def test_a_number_that_contradicts_the_colour_is_doubtful(tmp_path: Path) -> None:
    def wrong(page: canvas.Canvas, x: float, y: float, goal: int) -> None:
        page.setFillColorRGB(*(value / 255 for value in rgb(4)))
        page.rect(x, y, ICON, ICON, stroke=0, fill=1)
        page.setFillColorRGB(1, 1, 1)
        page.drawString(x + 3, y + 9, str(goal))
        page.setFillColorRGB(0, 0, 0)

    problems = extraction(tmp_path, icons_pdf(wrong, (9, 4))).problems
    told = [p.found for p in problems if p.code == "icon-unknown"]
    assert told == ["#C5192D, the colour of goal 4 with the number 9"]


def strip(goals: tuple[int, ...], mode: str = "RGB") -> Image.Image:
    picture = Image.new("RGB", (64 * len(goals), 64))
    for n, goal in enumerate(goals):
        picture.paste(tile(goal), (64 * n, 0))
    return picture.convert(mode)


def with_picture(picture: Image.Image) -> bytes:
    from reportlab.lib.utils import ImageReader

    def draw(page: canvas.Canvas, x: float, y: float, goal: int) -> None:
        width = ICON * picture.width / picture.height
        page.drawImage(ImageReader(picture), x, y, width, ICON)

    return icons_pdf(draw, (1,))


def test_a_strip_of_icons_in_one_picture_gives_each(tmp_path: Path) -> None:
    plan = extraction(tmp_path, with_picture(strip((4, 1, 16)))).plan
    assert plan and [link.goal for link in plan.projects[0].stated_links] == [4, 1, 16]


def test_a_strip_that_is_not_all_recognised_cannot_even_be_counted(tmp_path: Path) -> None:
    data = with_picture(strip((4, 1, 16), "L"))
    for setting in ("", "count"):
        told = [p.found for p in extraction(tmp_path, data, setting).problems
                if p.code == "icon-unknown"]  # fmt: skip
        assert told == ["no colour, a strip of pictures that are not all recognised"]


def test_shaded_cells_are_no_icons(tmp_path: Path) -> None:
    """A head on a coloured ground keeps its text, whatever the colour and size of its cells."""
    drawn = Drawn((40, 200, 200, 160), icon=as_area)
    top = drawn.y
    drawn.page.setFillColorRGB(*(value / 255 for value in rgb(13)))
    for x, width in ((36, 40), (76, 200), (276, 200), (476, 160)):
        drawn.page.rect(x, top - 17, width, 17, stroke=0, fill=1)
    drawn.page.setFillColorRGB(0, 0, 0)
    rows = [["No.", "事業名", "担当課", "SDGs"], ["1", "花事業", "市民課", ""]]
    drawn.table(rows, {1: (13,)})
    plan = extraction(tmp_path, drawn.data()).plan
    assert plan and [link.goal for link in plan.projects[0].stated_links] == [13]


def test_pictures_in_other_columns_do_not_matter(tmp_path: Path) -> None:
    drawn = Drawn((40, 200, 200, 160), icon=as_picture(64, None, "L"))
    rows = [["No.", "事業名", "担当課", "備考"], ["1", "花事業", "市民課", "x"]]
    drawn.table(rows, {1: (13,)})
    found = extraction(tmp_path, drawn.data())
    assert not [p for p in found.problems if p.code == "icon-unknown"]


# --- where nobody looks for them -------------------------------------------------------------

COLUMNS = ["No.", "事業名", "SDGs", "担当課"]


def elsewhere(tmp_path: Path, setting: str = "") -> Extraction:
    """Icons in the last column, which is that of the unit, beside the table and above it."""
    drawn = Drawn((40, 200, 60, 160))
    drawn.icon(drawn.page, 700, 300, 7)
    drawn.line("基本施策1 人づくり")
    drawn.table([COLUMNS, ["1", "花事業", "目標3", "市民課"]], {1: (13, 4)})
    return extraction(tmp_path, drawn.data(), setting)


def test_icons_outside_the_column_of_goals_are_told(tmp_path: Path) -> None:
    found = elsewhere(tmp_path)
    told = [(p.origin.where, p.statement, p.found) for p in found.problems
            if p.code == "icon-place"]  # fmt: skip
    assert told == [
        ("page 1", "pictures in the colours of goals stand outside the column of goals: 1",
         "outside of cells"),
        ("page 1, row 3", "pictures in the colours of goals stand outside the column of goals: 2",
         'column "担当課"'),
    ]  # fmt: skip
    assert found.said == ("2 pictures in cells; goals were read from the colours of 0",)


def test_icons_elsewhere_mean_nothing_if_plan_toml_says_so(tmp_path: Path) -> None:
    found = elsewhere(tmp_path, "goals-column")
    assert not [p for p in found.problems if p.code.startswith("icon")]


def test_icons_in_the_heading_of_a_policy_are_told(tmp_path: Path) -> None:
    drawn = Drawn((40, 200, 200, 160))
    rows = [["No.", "事業名", "担当課", "SDGs"], ["◆基本施策1 人づくり", "", "", ""]]
    drawn.table([*rows, ["1", "花事業", "市民課", ""]], {1: (5,), 2: (13,)})
    found = extraction(tmp_path, drawn.data())
    told = [p.origin.where for p in found.problems if p.code == "icon-place"]
    assert told == ["page 1, row 2"]
    assert found.said == ("2 pictures in cells; goals were read from the colours of 1",)


def test_a_cell_of_goals_filled_with_the_colour_of_one_is_doubtful(tmp_path: Path) -> None:
    drawn = Drawn((40, 200, 200, 160))
    height = 15.0
    drawn.page.setFillColorRGB(*(value / 255 for value in rgb(13)))
    drawn.page.rect(36 + 440, drawn.y - 2 * height, 160, height, stroke=0, fill=1)
    drawn.page.setFillColorRGB(0, 0, 0)
    drawn.table([["No.", "事業名", "担当課", "SDGs"], ["1", "花事業", "市民課", ""]])
    told = [p.found for p in extraction(tmp_path, drawn.data()).problems
            if p.code == "icon-unknown"]  # fmt: skip
    assert told == ["#3F7E44, the whole cell is filled, with no icon in it"]
