"""Reports on a plan: what was achieved is tied to the plan's projects, or it is a problem."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef

from kg.checking import CheckedPlan
from kg.measures import Grade
from kg.resources import ontology_dir
from kg.vocab import DCTERMS, SP
from tests.pipeline.small_plans import checked_small, read_small, table, told

PLAN = table(
    "番号|事業名|事業内容|担当課|予算額（千円）|指標|目標値（R3）",
    "◆基本施策1 すこやかなまち||||||",
    "1|教室事業|教室を開きます。|市民部市民課|100|参加者数|300人",
    "2|相談事業【特別会計】|相談を受けます。|市民部市民課|20|相談件数（件）|50",
    "3|広報事業|広報します。|市民部広報課|－|－|－",
)
REPORT = table(
    "番号|事業名|実施状況|達成度|指標|目標値（R3）|実績値|決算額（千円）",
    "◆基本施策1 すこやかなまち|||||||",
    "1|教室事業|12回開きました。|4|参加者数|300人|310人|95",
    "||||来場者の満足度|－|90％|",
    "2|相談事業|相談を受けました。|２|相談件数|60|41件|20",
    "|合計||||||116",
)
SCALE = '[report]\nfile = "report.md"\ngrades = ["4", "3", "2", "1"]\n'
BASE = "https://w3id.org/jp-sdgplan/id/990019"
PROJECT = f"{BASE}/plan/kyodo/2021/project"


def reported(tmp_path: Path, report: str, more: str = SCALE) -> list[str]:
    return told(read_small(tmp_path, PLAN, more, report=report))


@pytest.fixture
def checked(tmp_path: Path) -> CheckedPlan:
    return checked_small(tmp_path, PLAN, SCALE, report=REPORT)


def test_a_report_is_read_by_the_plans_projects(checked: CheckedPlan) -> None:
    assert told(checked) == []
    assert checked.extraction and checked.extraction.plan
    report = checked.extraction.plan.report
    assert report
    assert [(a.project, a.grade, a.printed_grade, a.text, a.origin.line) for a in
            report.achievements] == [
        ("1", Grade(1, "4"), "4", "12回開きました。", 4),
        ("2", Grade(3, "2"), "２", "相談を受けました。", 6),
    ]  # fmt: skip
    values = [(key, i.order, i.name, [(v.key, v.value) for v in i.values])
              for key, i in report.indicators]  # fmt: skip
    assert values == [
        ("1", 1, "参加者数", [("target-2021", Decimal(300)), ("actual-2021", Decimal(310))]),
        ("1", 2, "来場者の満足度", [("actual-2021", Decimal(90))]),
        ("2", 1, "相談件数", [("target-2021", Decimal(60)), ("actual-2021", Decimal(41))]),
    ]
    assert [(key, b.key, b.amount) for key, b in report.budgets] == [
        ("1", "settled-2021", Decimal(95000)),
        ("2", "settled-2021", Decimal(20000)),
    ]


def test_what_does_not_add_up_or_differs_is_published_with_a_warning(checked: CheckedPlan) -> None:
    assert checked.report
    told_of = {result.constraint: result.sentence_ja for result in checked.report.warnings}
    assert told_of == {
        "C210": "計画の2021年度の決算の合計（2021年度）（7行目）: "
        "印字された合計は116000円ですが、事業の額の合計は115000円です。（C210）",
        "C228": "事業2の指標1の2021年度目標値（2021年度）（6行目）: "
        "計画では50ですが、実施報告では60です。（C228）",
    }
    assert checked.report.conforms


def test_the_report_has_a_graph_and_a_document_of_its_own(checked: CheckedPlan) -> None:
    assert list(checked.graphs) == ["source", "links", "achievement", "statistics", "report"]
    facts = {(str(s), p): o for s, p, o in checked.graphs["achievement"]}
    document = URIRef(f"{BASE}/source/kyodo-2021-report")
    assert str(facts[str(document), SP.reportsOn]) == f"{BASE}/plan/kyodo/2021"
    assert str(facts[str(document), SP.sha256])
    achievement = f"{PROJECT}/2/achievement"
    assert facts[achievement, DCTERMS.source] == document
    assert str(facts[achievement, SP.ofProject]) == f"{PROJECT}/2"
    assert facts[achievement, SP.printedGrade] == Literal("２")
    grade = str(facts[achievement, SP.grade])
    assert grade == f"{BASE}/plan/kyodo/2021/grade/3"
    assert int(str(facts[grade, SP.gradeRank])) == 3
    value = f"{PROJECT}/1/indicator/1/report-actual-2021"
    assert facts[value, SP.valueNumber].n3().startswith('"310"')
    assert not [s for s, _, _ in checked.graphs["source"] if "report" in str(s)]
    # what the plan says is not said again by the report
    assert (f"{PROJECT}/1/indicator/1", SP.indicatorName) not in facts
    assert (f"{PROJECT}/1/indicator/2", SP.indicatorName) in facts


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("| 2|相談事業|", "| 9|相談事業|", "report-project 6"),
        ("| 2|相談事業|", "| |相談所事業|", "report-project 6"),
        ("| 2|相談事業|", "| 2|教室事業|", "report-name 6"),
        ("| 2|相談事業|", "| 1|教室事業|", "report-twice 6"),
        ("|２|", "|5|", "grade-unknown 6"),
        ("|41件|", "|41件（12)|", ""),
    ],
)
def test_a_row_that_fits_no_project_or_grade_is_a_problem(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    assert old in REPORT
    assert reported(tmp_path, REPORT.replace(old, new)) == [problem] * bool(problem)


def test_projects_are_told_by_name_where_the_report_has_no_numbers(tmp_path: Path) -> None:
    report = table("事業名|達成度", "教室 事業|A", "相談事業|B")
    scale = '[report]\nfile = "report.md"\ngrades = ["A", "B"]\n'
    extraction = read_small(tmp_path, PLAN, scale, report=report)
    assert told(extraction) == []
    assert extraction.plan and extraction.plan.report
    assert [a.project for a in extraction.plan.report.achievements] == ["1", "2"]


def test_a_new_name_is_tied_to_the_old_one_by_an_alias(tmp_path: Path) -> None:
    report = table("番号|事業名|達成度", "1|まなび事業|4")
    assert reported(tmp_path, report) == ["report-name 3"]
    assert reported(tmp_path, report, SCALE + '[aliases]\n"まなび事業" = "教室事業"\n') == []


def test_the_scale_is_asked_for_never_guessed(tmp_path: Path) -> None:
    extraction = read_small(tmp_path, PLAN, '[report]\nfile = "report.md"\n', report=REPORT)
    (problem,) = extraction.problems
    assert problem.code == "grade-scale"
    assert str(problem).splitlines()[-1] == (
        '  Fix: write grades = ["4", "２"] under [report] in plan.toml, '
        "in the order from the best to the worst."
    )


def test_other_tables_and_a_missing_report_are_told(tmp_path: Path) -> None:
    more = REPORT + "\n" + table("達成度|件数", "4|1", "2|1")
    assert reported(tmp_path, more) == ["report-table 9"]
    assert reported(tmp_path, more, SCALE + 'ignore_tables = ["達成度"]\n') == []
    missing = SCALE.replace("report.md", "none.md")
    assert reported(tmp_path, REPORT, missing) == ["document-missing None"]


def test_a_plan_may_print_grades_itself(tmp_path: Path) -> None:
    plan = PLAN.replace("目標値（R3）", "達成度").replace("300人", "3").replace("|50", "|1")
    plan = plan.replace("|指標|", "|備考欄|")
    scale = '[report]\ngrades = ["4", "3", "2", "1"]\n'
    keys = 'ignore_columns = ["備考欄"]\n'
    checked = checked_small(tmp_path, plan, scale, keys)
    assert told(checked) == []
    assert "achievement" not in checked.graphs
    grades = {str(s): str(o) for s, p, o in checked.graphs["source"] if p == SP.printedGrade}
    assert grades == {f"{PROJECT}/1/achievement": "3", f"{PROJECT}/2/achievement": "1"}


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ('file = "../report.md"\n', "file-name"),
        ('file = "report.md"\nlicence = "free"\n', "iri-form"),
        ('file = "report.md"\nreceived = 2027-01-01\n', "date-later"),
        ('grades = ["4", "４"]\n', "grade-twice"),
    ],
)
def test_keys_of_the_report_that_cannot_be_meant_are_problems(
    tmp_path: Path, keys: str, problem: str
) -> None:
    found = checked_small(tmp_path, PLAN, f"[report]\n{keys}", report=REPORT)
    assert [one.code for one in found.problems] == [problem]


def test_texts_that_are_withheld_are_withheld_of_reports_too(tmp_path: Path) -> None:
    checked = checked_small(tmp_path, PLAN, SCALE, "publish_texts = false\n", report=REPORT)
    assert told(checked) == []
    properties = {p for _, p, _ in checked.graphs["achievement"]}
    assert SP.printedGrade in properties
    assert SP.achievementText not in properties


def test_a_report_in_running_text_is_read_too(tmp_path: Path) -> None:
    report = (
        "番号1、事業名、教室事業、実施状況、春、秋に開きました。、達成度、4、\n\n"
        "番号2、事業名、相談事業、達成度、1、\n"
    )
    extraction = read_small(tmp_path, PLAN, SCALE, report=report)
    assert told(extraction) == []
    assert extraction.plan and extraction.plan.report
    found = [(a.project, a.printed_grade, a.text) for a in extraction.plan.report.achievements]
    assert found == [("1", "4", "春、秋に開きました。"), ("2", "1", None)]


@pytest.mark.parametrize(
    "title",
    [
        "例町計画 平成30年度（2018年度）実施報告",
        "# 例町計画（2018年度）実施報告書",
        "例町計画 2018年度実施計画",
        "例町計画 2018年度実施報告（架空の町の報告）",
        "例町計画（令和元年度～令和5年度）2018年度 進捗状況",
        "【2018年度】",
        "平成30年度（2018年度）",
    ],
)
def test_a_report_of_another_year_is_a_problem(tmp_path: Path, title: str) -> None:
    (problem,) = read_small(tmp_path, PLAN, SCALE, report=f"{title}\n\n{REPORT}").problems
    assert problem.code == "wrong-year"
    assert problem.origin.where.startswith("line 1")
    assert "report.md" in str(problem)
    assert (problem.origin.line, problem.found) == (1, "2018")
    assert problem.expected == "2021, as in [plan] fiscal_year"


@pytest.mark.parametrize(
    "line",
    [
        "例町計画 令和3年度（2021年度）実施報告",
        "例町計画（2018年度～2022年度）実施報告",
        "例町計画（平成30～令和4年度）実施報告",
        "例町計画 2021年度実施報告（2018年度から）",
        "2018年度に始めた事業の数 3",
        "令和4年6月 例町",
    ],
)
def test_other_years_in_a_report_are_no_title_of_another(tmp_path: Path, line: str) -> None:
    report = f"{line}\n\n{REPORT.replace('実績値', '実績値（2018年度）')}"
    assert "wrong-year" not in " ".join(reported(tmp_path, report))


def plan_against_actual(tmp_path: Path, document: str, report: str) -> list[list[str | None]]:
    """CQ23's columns year, actualYear, planned, achieved and unit."""
    graph = Graph()
    for triples in checked_small(tmp_path, document, SCALE, report=report).graphs.values():
        for triple in triples:
            graph.add(triple)
    query = (ontology_dir() / "queries" / "cq23.rq").read_text(encoding="utf-8")
    rows = [row.asdict() for row in graph.query(query)]  # type: ignore[union-attr]
    names = ("year", "actualYear", "planned", "achieved", "unit")
    return [[str(row[name]) if name in row else None for name in names] for row in rows]


@pytest.mark.parametrize(
    ("heading", "target", "rows"),
    [
        ("目標値（R3）", "300人", [["2021", "2021", "300", "310", "人"]]),
        ("目標値", "300人", [[None, "2021", "300", "310", "人"]]),
        ("目標値（R3）", "90％", []),
        ("目標値（R3）", "300", [["2021", "2021", "300", "310", "人"]]),
    ],
)
def test_cq23_compares_values_of_one_unit_and_asserts_no_year(
    tmp_path: Path, heading: str, target: str, rows: list[list[str | None]]
) -> None:
    plan = table(
        f"番号|事業名|事業内容|担当課|指標|{heading}",
        "◆基本施策1 すこやかなまち|||||",
        f"1|教室事業|教室を開きます。|市民部市民課|参加者数|{target}",
    )
    report = table("番号|事業名|指標|実績値", "1|教室事業|参加者数|310人")
    assert plan_against_actual(tmp_path, plan, report) == rows
