"""Write the PDF of 模擬町 (made up): a plan with SDG icons as coloured tiles, over several pages.

    python examples/pdf_plan.py examples/layouts/mogicho-2021/plan.pdf

The same bytes every time. The tiles are squares in the colours of the goals (ontology/goals.ttl)
with their numbers; the icons of the UN are not used. Everything in the plan is made up.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from reportlab.lib.colors import HexColor, black, white
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, Table

# the script is run by its path, so the project is not on the path yet
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kg.goals import GOALS, colour, official_names

FONT = "HeiseiKakuGo-W5"  # named, not embedded: every viewer brings one
BODY = ParagraphStyle("body", fontName=FONT, fontSize=9, leading=13, wordWrap="CJK")
HEAD = ParagraphStyle("head", parent=BODY, fontSize=13, leading=20)
GRID = [("GRID", (0, 0), (-1, -1), 0.5, black), ("VALIGN", (0, 0), (-1, -1), "TOP")]
SIDE = 22

PLAN = {
    "1 緑を守り育てる": (
        (
            "里山の手入れ事業",
            "環境課",
            "間伐と下草刈りを住民とともに行います。○作業日 12日",
            (13, 15),
        ),
        ("川の生き物調べ事業", "環境課", "小学生が川の生き物を調べます。○参加者 80人", (4, 6, 14)),
        ("生ごみ堆肥化事業", "環境課", "家庭の生ごみを堆肥にします。○参加世帯 150世帯", (12,)),
        ("公共施設の太陽光発電事業", "管財課", "役場の屋根に発電設備を置きます。", (7, 13)),
    ),
    "2 ともに支え合う": (
        ("見守り訪問事業", "福祉課", "一人暮らしの高齢者を訪ねます。○訪問回数 600回", (3, 11)),
        ("こども食堂支援事業", "こども課", "食堂を開く団体を支えます。○支援団体 5団体", (1, 2)),
        ("男女共同参画講座", "町民課", "仕事と暮らしの講座を開きます。○講座 4回", (5,)),
        (
            "やさしい日本語講座",
            "町民課",
            "外国から来た住民との会話を広げます。○講座 6回",
            (4, 10, 16),
        ),
    ),
    "3 仕事とまちをつくる": (
        ("空き店舗活用事業", "産業課", "空き店舗を借りる人を支えます。○活用件数 3件", (8, 9, 11)),
        ("農の担い手育成事業", "産業課", "新しく農業を始める人を支えます。○就農者 2人", (2, 8)),
        ("まちづくり協働事業", "企画課", "団体の提案による事業を町と行います。○採択 7件", (11, 17)),
        ("防災訓練事業", "総務課", "地区ごとに訓練を行います。○訓練 9回", (11, 13)),
    ),
}


class Tiles(Flowable):  # type: ignore[misc]
    """Squares in the colours of goals, with their numbers, side by side."""

    def __init__(self, goals: tuple[int, ...]) -> None:
        super().__init__()
        self.goals = goals
        self.width, self.height = len(goals) * (SIDE + 3), SIDE

    def draw(self) -> None:
        canvas = self.canv
        for n, goal in enumerate(self.goals):
            canvas.setFillColor(HexColor(colour(goal)))
            canvas.rect(n * (SIDE + 3), 0, SIDE, SIDE, stroke=0, fill=1)
            canvas.setFillColor(white)
            canvas.setFont("Helvetica-Bold", 10)
            canvas.drawString(n * (SIDE + 3) + 3, SIDE - 11, str(goal))


def foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawString(40, 20, "模擬町（架空）2021年度実施計画")
    canvas.drawRightString(800, 20, str(document.page))


def plan() -> bytes:
    """The document."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    projects = [project for group in PLAN.values() for project in group]
    links = sum(len(project[3]) for project in projects)
    story = [
        Paragraph("模擬町環境協働計画（架空）", HEAD),
        Paragraph("2021年度実施計画", HEAD),
        Paragraph(f"【2021年度実施事業数 {len(projects)}】", BODY),
        Paragraph(f"【SDGsの取り組み数 のべ{links}】", BODY),
        Spacer(1, 8),
    ]
    counts = [["ゴール", "事業数"]]
    for goal in GOALS:
        number = sum(goal in project[3] for project in projects)
        counts.append([official_names(goal)["ja"], str(number)])
    story += [_table(counts, (260, 60)), Spacer(1, 12)]
    rows: list[list[object]] = [["No.", "事業名", "事業計画（2021）", "担当課", "SDGsの取り組み"]]
    number = 0
    for policy, group in PLAN.items():
        rows.append([f"◆基本施策{policy}", "", "", "", ""])
        for name, unit, text, goals in group:
            number += 1
            rows.append([str(number), name, text, unit, Tiles(goals)])
    story.append(_table(rows, (40, 180, 320, 90, 130)))
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=landscape(A4), topMargin=40, bottomMargin=40, invariant=1,
        title="模擬町環境協働計画（架空） 2021年度実施計画", lang="ja",
    )  # fmt: skip
    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _table(rows: list[list[object]] | list[list[str]], widths: tuple[int, ...]) -> Table:
    cells = [
        [Paragraph(cell, BODY) if isinstance(cell, str) else cell for cell in row] for row in rows
    ]
    return LongTable(cells, widths, repeatRows=1, style=GRID)


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(plan())
