"""What people decide: links.csv and facts.csv, read, refused and published."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rdflib import Literal, URIRef

from kg.checking import CheckedPlan, check_plan
from kg.settings import Settings
from kg.tables import plan_rows
from kg.vocab import PROV, RDF, RDFS, SDG, SP, XSD

REISHI = Path(__file__).resolve().parents[1] / "data" / "plans" / "reishi-2021"
BASE = "https://w3id.org/jp-sdgplan/id/990019/"
LINKS = "number,goal,evidence,agent,decided_on\n"
"""The old header: every row accepts."""
DECISIONS = "number,goal,decision,evidence,agent,decided_on\n"
FACTS = "fact,subject,value,evidence,agent,decided_on\n"


def checked(target: Path, links: str | bytes = LINKS, facts: str | bytes = FACTS) -> CheckedPlan:
    folder = target / "reishi"
    shutil.copytree(REISHI, folder, dirs_exist_ok=True)
    for name, content in (("links.csv", links), ("facts.csv", facts)):
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
    return check_plan(folder, Settings(), "shacl")


def messages(plan: CheckedPlan) -> list[str]:
    return [f"{p.code} {p.origin.row} {p.column or ''}".strip() for p in plan.problems]


def test_a_decided_link_is_a_curated_record_beside_the_stated_ones() -> None:
    graphs = check_plan(REISHI, Settings(), "shacl").graphs
    project = URIRef(f"{BASE}plan/kyodo/2021/project/6")
    link = URIRef(f"{project}/sdg/17")
    links = set(graphs["links"])
    for triple in (
        (project, SP.curatedSdgGoal, SDG["17"]),
        (project, SP.sdgGoal, SDG["17"]),
        (project, SP.sdgLinkBasis, SP["basis-curated"]),
        (link, SP.basis, SP["basis-curated"]),
        (link, SP.evidence, Literal("市民と団体が出会います。", lang="ja")),
        (link, PROV.wasAttributedTo, URIRef(f"{BASE}agent/reishi-tester")),
        (
            link,
            PROV.generatedAtTime,
            Literal("2026-11-24T00:00:00Z", datatype=XSD.dateTime, normalize=False),
        ),
    ):
        assert triple in links
    assert not [t for t in graphs["source"] if t[1] in (SP.curatedSdgGoal, SP.sdgGoal)]
    stated = {(s, o) for s, p, o in graphs["source"] if p == SP.statedSdgGoal}
    assert {(s, o) for s, p, o in links if p == SP.sdgGoal} == stated | {(project, SDG["17"])}


def test_decided_facts_are_published_with_who_and_why() -> None:
    links = set(check_plan(REISHI, Settings(), "shacl").graphs["links"])
    change = URIRef(f"{BASE}plan/kyodo/2021/change/2")
    assert (change, SP.mergedInto, URIRef(f"{BASE}plan/kyodo/2021/project/5")) in links
    assert (change, PROV.wasAttributedTo, URIRef(f"{BASE}agent/reishi-tester")) in links
    assert [o for _, p, o in links if p == SP.authority] == [SP["authority-board-of-education"]]


def test_without_decisions_the_links_graph_still_says_the_basis(tmp_path: Path) -> None:
    plan = checked(tmp_path)
    bases = sorted(str(o).rpartition("#")[2] for _, p, o in plan.graphs["links"]
                   if p == SP.sdgLinkBasis)  # fmt: skip
    assert bases == ["basis-count-only", *["basis-stated"] * 5]
    assert plan.problems == ()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("6,17,言葉,tester,2026-11-24", []),
        ("9,17,言葉,tester,2026-11-24", ["decision-project 2 number"]),
        ("6,18,言葉,tester,2026-11-24", ["decision-goal 2 goal"]),
        ("6,17,,tester,2026-11-24", ["decision-evidence 2 evidence"]),
        ("6,17,言葉,山田,2026-11-24", ["decision-agent 2 agent"]),
        ("6,17,言葉,tester,24.11.2026", ["decision-day 2 decided_on"]),
        ("6,17,言葉,tester,2999-11-24", ["decision-later 2 decided_on"]),
        ("6,17,言\u001b葉,tester,2026-11-24", ["decision-characters 2 evidence"]),
        ("6,17,言葉,tester", ["decision-cells 2"]),
        ("6,17,言葉,tester,2026-11-24\n6,17,言葉,tester,2026-11-24", ["decision-twice 3 goal"]),
    ],
)
def test_a_decision_without_its_reasons_is_refused(
    tmp_path: Path, row: str, expected: list[str]
) -> None:
    assert messages(checked(tmp_path, LINKS + row + "\n")) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("6,17,accept,言葉,tester,2026-11-24", []),
        ("6,17,perhaps,言葉,tester,2026-11-24", ["decision-word 2 decision"]),
        ("6,17,,言葉,tester,2026-11-24", ["decision-word 2 decision"]),
        ("6,17,reject,,tester,2026-11-24", ["decision-evidence 2 evidence"]),
        (
            "6,17,accept,言葉,tester,2026-11-24\n6,17,reject,言葉,tester,2026-11-24",
            ["decision-twice 3 goal"],
        ),
        (
            "6,5,reject,言葉,tester,2026-11-24\n6,5,reject,言葉,tester,2026-11-24",
            ["decision-twice 3 goal"],
        ),
        ("6,17,言葉,tester,2026-11-24", ["decision-cells 2"]),
    ],
)
def test_a_row_says_whether_the_link_is_accepted(
    tmp_path: Path, row: str, expected: list[str]
) -> None:
    plan = checked(tmp_path, DECISIONS + row + "\n")
    assert messages(plan) == expected
    if expected == ["decision-twice 3 goal"]:
        place = tmp_path / "reishi" / "links.csv"
        assert plan.problems[0].expected.endswith(f"the first is {place}, row 2")


def test_a_rejection_is_published_apart_from_the_links(tmp_path: Path) -> None:
    plan = checked(tmp_path, DECISIONS + "6,5,reject,男女の別はない,tester,2026-11-24\n")
    assert plan.problems == ()
    project = URIRef(f"{BASE}plan/kyodo/2021/project/6")
    record = URIRef(f"{project}/sdg-rejected/5")
    agent = URIRef(f"{BASE}agent/tester")
    day = Literal("2026-11-24T00:00:00Z", datatype=XSD.dateTime, normalize=False)
    assert {(p, o) for s, p, o in plan.graphs["links"] if s == record} == {
        (RDF.type, SP.SdgRejection),
        (RDF.type, PROV.Entity),
        (RDFS.label, Literal("事業6とゴール5の関連付けの却下（2021年度）", lang="ja")),
        (
            RDFS.label,
            Literal("rejection of the link of project 6 to goal 5, fiscal 2021", lang="en"),
        ),
        (SP.rejectedProject, project),
        (SP.rejectedGoal, SDG["5"]),
        (SP.evidence, Literal("男女の別はない", lang="ja")),
        (PROV.wasAttributedTo, agent),
        (PROV.generatedAtTime, day),
    }
    links = plan.graphs["links"]
    assert not [s for s, p, o in links if p == SP.linkedGoal or o == SP.SdgLink]
    assert [o for s, p, o in links if s == project] == [SP["basis-count-only"]]
    rows = plan_rows(URIRef(f"{BASE}plan/kyodo/2021"), [*plan.graphs["source"], *links])
    rejected = {r["project_number"]: r["rejected_goals"] for r in rows["plan"]}
    assert rejected == {key: ["5"] if key == "6" else [] for key in "123456"}
    assert {r["basis"] for r in rows["links"]} == {"stated"}


def test_a_decision_against_the_published_totals_is_refused(tmp_path: Path) -> None:
    plan = checked(tmp_path, LINKS + "6,14,海,tester,2026-11-24\n")
    (problem,) = plan.problems
    assert str(problem) == (
        f'{tmp_path}/reishi/links.csv, row 2, column "goal": '
        "published count for goal 14 (line 40): "
        "Projects published: 0, but projects linked: 1. [C19]\n"
        "  ゴール14の公表事業数（40行目）: 公表事業数は0ですが、1件の事業が関連付けられています。\n"
        "  Found: row 2 (goal 14). Expected: at most 0 projects with this goal.\n"
        "  Fix: take back one of the decisions named here, "
        "or correct the table of goals."
    )


def test_more_goals_than_icons_names_the_rows_that_accept_them(tmp_path: Path) -> None:
    rows = "6,17,accept,言葉,tester,2026-11-24\n6,11,accept,言葉,tester,2026-11-24\n"
    found = {p.code: p for p in checked(tmp_path, DECISIONS + rows).problems}
    assert set(found) == {"C13", "C19"}
    assert str(found["C13"].origin) == f"{tmp_path}/reishi/links.csv, row 2"
    assert found["C13"].found == "row 2 (goal 17), row 3 (goal 11)"
    assert found["C13"].expected == "at most 1 goals"
    assert str(found["C19"].origin) == f"{tmp_path}/reishi/links.csv, row 3"


def test_a_link_the_document_states_is_not_for_a_person_to_reject(tmp_path: Path) -> None:
    plan = checked(tmp_path, DECISIONS + "5,4,reject,言葉,tester,2026-11-24\n")
    assert [(p.code, p.origin.row, p.found) for p in plan.problems] == [
        ("C145", 2, "row 2 (goal 4)")
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("merged-into,ない事業,5,言葉,tester,2026-11-24", ["decision-change 2 subject"]),
        ("merged-into,古本市事業,50,言葉,tester,2026-11-24", ["decision-project 2 value"]),
        ("authority,市民課,mayor,言葉,tester,2026-11-24", ["decision-authority 2"]),
        ("authority,市民部,queen,言葉,tester,2026-11-24", ["decision-authority 2"]),
        ("rumour,市民部,mayor,言葉,tester,2026-11-24", ["decision-fact 2 fact"]),
    ],
)
def test_an_unreadable_fact_is_refused(tmp_path: Path, row: str, expected: list[str]) -> None:
    assert messages(checked(tmp_path, facts=FACTS + row + "\n")) == expected


def test_a_plan_declared_complete_is_held_to_its_totals(tmp_path: Path) -> None:
    fact = FACTS + "complete,,yes,すべて照合した（架空）,tester,2026-11-24\n"
    complete = LINKS + "6,17,市民と団体が出会います。,tester,2026-11-24\n"
    assert checked(tmp_path, complete, fact).problems == ()
    problems = checked(tmp_path, LINKS, fact).problems
    assert {p.code for p in problems} == {"C20"}


def test_a_file_that_is_no_csv_of_ours_is_refused(tmp_path: Path) -> None:
    assert messages(checked(tmp_path, "numbers,goal\n")) == ["decision-header 1"]
    assert messages(checked(tmp_path, LINKS.encode() + "6,17,言葉".encode("cp932"))) == [
        "decision-encoding 2"
    ]


def test_a_header_that_is_missing_or_parted_otherwise_is_told(tmp_path: Path) -> None:
    for text, code, found in (
        ("", "decision-header", "an empty file"),
        ("\n6,17,言葉,tester,2026-11-24\n", "decision-header", "an empty row"),
        (LINKS.replace(",", "\t"), "decision-separator", "tabs"),
        (LINKS.replace(",", ";"), "decision-separator", "semicolons"),
    ):
        (problem,) = checked(tmp_path, text).problems
        assert (problem.code, problem.origin.row, problem.found) == (code, 1, found)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_row_and_byte_of_another_encoding_are_told(tmp_path: Path, mark: bytes) -> None:
    rows = f'{LINKS}6,17,"two\nlines",tester,2026-11-24\n6,16,'
    data = mark + rows.encode() + "言葉,tester,2026-11-24\n".encode("cp932")
    (problem,) = checked(tmp_path, data).problems
    assert (problem.code, problem.origin.row) == ("decision-encoding", 3)
    assert problem.found == f"byte {len(mark) + len(rows) + 1}"


def test_a_quotation_mark_that_is_not_closed_is_told_with_its_cell(tmp_path: Path) -> None:
    for rest in ("6,5,accept,言葉,tester,2026-11-24\n", '6,5,accept,"言葉",tester,2026-11-24\n'):
        rows = DECISIONS + '9,17,accept,言葉,tester,2026-11-24\n6,17,accept,"言葉,tester,2026\n'
        plan = checked(tmp_path, rows + rest)
        assert messages(plan) == ["decision-project 2 number", "decision-quote 3 evidence"]
        assert str(plan.problems[1]) == (
            f'{tmp_path}/reishi/links.csv, row 3, column "evidence": the quotation mark that opens '
            "the cell is not closed at its end. [decision-quote]\n"
            '  Found: ""言葉,tester,2026". Expected: quotation marks around the whole cell, and "" '
            "for one within it.\n"
            "  Fix: close or remove the quotation mark; the rows from here on were not read."
        )
    assert messages(checked(tmp_path, '"number,goal\n')) == ["decision-quote 1"]
    assert messages(checked(tmp_path, DECISIONS + '6,17,accept,"a ""b"", c",t,2026-11-24\n')) == []


def test_a_cell_that_is_too_long_is_a_problem_of_the_file(tmp_path: Path) -> None:
    row = "6,17,accept,{},tester,2026-11-24\n"
    for cell, found in (("言" * 131_073, "131,073"), (f'"{"言" * 140_000}"', "140,002")):
        plan = checked(tmp_path, DECISIONS + row.format("言葉") + row.format(cell))
        assert messages(plan) == ["decision-long 3 evidence"]
        assert plan.problems[0].found == f"{found} characters"
        assert plan.problems[0].expected == "at most 131,072 characters"
    plan = checked(tmp_path, DECISIONS + row.format('"' + "言" * 140_000))
    assert messages(plan) == ["decision-quote 2 evidence"]
    assert messages(checked(tmp_path, f"{DECISIONS}6,{'9' * 5000},accept,語,t,2026-11-24\n")) == [
        "decision-goal 2 goal"
    ]


def test_rows_that_can_be_read_are_held_to_the_totals_beside_those_that_cannot(
    tmp_path: Path,
) -> None:
    rows = "6,14,accept,海,tester,2026-11-24\n6,17,はい,言葉,tester,2026-11-24\n"
    assert messages(checked(tmp_path, DECISIONS + rows)) == [
        "C19 2 goal",
        "decision-word 3 decision",
    ]


def test_a_byte_order_mark_from_a_spreadsheet_is_no_matter(tmp_path: Path) -> None:
    links = "\ufeff" + LINKS + "6,17,言葉,tester,2026-11-24\r\n"
    assert checked(tmp_path, links).problems == ()
