"""What people decide: links.csv and facts.csv, read, refused and published."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rdflib import Literal, URIRef

from kg.checking import CheckedPlan, check_plan
from kg.settings import Settings
from kg.vocab import PROV, SDG, SP, XSD

REISHI = Path(__file__).resolve().parents[1] / "data" / "plans" / "reishi-2021"
BASE = "https://w3id.org/jp-sdgplan/id/990019/"
LINKS = "number,goal,evidence,agent,decided_on\n"
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
        ("6,17,言\u001b葉,tester,2026-11-24", ["decision-characters 2"]),
        ("6,17,言葉,tester", ["decision-cells 2"]),
        ("6,17,言葉,tester,2026-11-24\n6,17,言葉,tester,2026-11-24", ["decision-twice 3"]),
    ],
)
def test_a_decision_without_its_reasons_is_refused(
    tmp_path: Path, row: str, expected: list[str]
) -> None:
    assert messages(checked(tmp_path, LINKS + row + "\n")) == expected


def test_a_decision_against_the_published_totals_is_refused(tmp_path: Path) -> None:
    plan = checked(tmp_path, LINKS + "6,14,海,tester,2026-11-24\n")
    assert [p.code for p in plan.problems] == ["C19"]


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
    assert messages(checked(tmp_path, "number;goal\n")) == ["decision-header 1"]
    assert messages(checked(tmp_path, LINKS.encode() + "6,17,言葉".encode("cp932"))) == [
        "decision-encoding 1"
    ]


def test_a_byte_order_mark_from_a_spreadsheet_is_no_matter(tmp_path: Path) -> None:
    links = "\ufeff" + LINKS + "6,17,言葉,tester,2026-11-24\r\n"
    assert checked(tmp_path, links).problems == ()
