"""Tables: the rows of the real plan, no other than the Turtle's, readable by all who read CSV."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from rdflib import Graph, Literal

from kg.columns import DUMP_TABLES, EXPORT_TABLES
from kg.csvw import NOTE
from kg.iris import PlanIris
from kg.release import current_release
from kg.tables import plan_rows, table_csv
from kg.text import for_spreadsheet
from kg.vocab import DCTERMS, ORG, PROV, RDF, SH, SKOS, SP
from kg.writers import Triple
from tests.pipeline.csv_on_the_web import Values, read_metadata, read_table, triples_of

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
KORIYAMA = "072036/kyodo-2/2021"
REISHI = "990019/kyodo/2021"
FOLDERS = (KORIYAMA, REISHI)
TABLES = ("source", "plan", "links", "report")
COMPLETE = (
    *(SP.number, SKOS.prefLabel, SP.listingStatus, SP.iconCount, SP.policy, SP.responsibleUnit),
    *(SP.printedUnit, DCTERMS.description, SP.deliveryNote, SP.sourceLine),
)
"""Properties of which no value of a project is missing in its table."""
KORIYAMA_IRI = "https://w3id.org/jp-sdgplan/id/072036/plan/kyodo-2/2021"


@pytest.fixture(scope="module")
def dumps(two_cities: Path) -> Path:
    return current_release(two_cities).path / "dumps"


def head(path: Path, lines: int = 4) -> str:
    """The header and the first rows of a table; none of them has a line end in a cell."""
    with path.open(encoding="utf-8", newline="") as file:
        return "".join(line for line, _ in zip(file, range(lines), strict=False))


@pytest.mark.parametrize("name", TABLES)
def test_the_first_rows_of_koriyama_are_these(dumps: Path, name: str) -> None:
    found = head(dumps / KORIYAMA / f"{name}.csv")
    golden = GOLDEN / f"koriyama-{name}.csv"
    if os.environ.get("SDGPLAN_GOLDEN") == "write":
        golden.write_text(found, encoding="utf-8", newline="")
    with golden.open(encoding="utf-8", newline="") as file:
        assert found == file.read()


def test_a_row_holds_what_the_document_says(dumps: Path) -> None:
    rows = read_table(dumps / KORIYAMA / "plan.csv")
    assert [row["project_number"] for row in rows] == [[str(n)] for n in range(1, 73)]
    row = rows[1]
    assert {name: row[name] for name in row if name not in ("description", "delivery_notes")} == {
        "municipality_code": ["072036"],
        "municipality_name": ["郡山市"],
        "fiscal_year": ["2021"],
        "made_up": [],
        "project_number": ["2"],
        "name": ["わかもの政策討論事業"],
        "printed_name": ["わかもの政策討論事業"],
        "policy_number": ["1"],
        "policy_name": ["協働を支える人材の育成と協働意識の醸成"],
        "unit_path": ["政策開発部", "政策開発課"],
        "printed_unit": ["政策開発部政策開発課"],
        "status": ["continued"],
        "status_name": ["継続"],
        "account_name": [],
        "icon_count": ["3"],
        "stated_goals": [],
        "curated_goals": [],
        "rejected_goals": [],
        "sdg_goals": [],
        "link_basis": ["count-only"],
        "link_basis_name": ["件数のみ"],
        "targets": ["勉強会 3回", "政策討論会 1回"],
        "source_lines": ["79"],
        "project": [f"{KORIYAMA_IRI}/project/2"],
        "policy": ["https://w3id.org/jp-sdgplan/id/072036/plan/kyodo-2/policy/1"],
        "unit": ["https://w3id.org/jp-sdgplan/id/072036/unit/e7a4ebf6"],
        "account": [],
        "plan": [KORIYAMA_IRI],
    }
    assert sum(int(row["icon_count"][0]) for row in rows) == 121
    assert Counter(row["status"][0] for row in rows) == {"continued": 69, "new": 3}
    accounts = Counter(row["account_name"][0] for row in rows if row["account_name"])
    assert accounts == {"介護保険": 4, "水道事業": 1}


def test_what_people_decided_is_in_plan_and_links_but_not_in_source(dumps: Path) -> None:
    source = read_table(dumps / REISHI / "source.csv")
    plan = read_table(dumps / REISHI / "plan.csv")
    decided = {"curated_goals", "rejected_goals", "sdg_goals", "link_basis", "link_basis_name"}
    assert set(plan[0]) - set(source[0]) == decided
    assert [{n: row[n] for n in row if n not in decided} for row in plan] == source
    assert [
        (row["stated_goals"], row["curated_goals"], row["sdg_goals"], row["link_basis"])
        for row in plan
    ] == [
        (["3"], [], ["3"], ["stated"]),
        (["1", "2"], [], ["1", "2"], ["stated"]),
        (["11"], [], ["11"], ["stated"]),
        (["12", "13"], [], ["12", "13"], ["stated"]),
        (["4"], [], ["4"], ["stated"]),
        ([], ["17"], ["17"], ["curated"]),
    ]
    links = read_table(dumps / REISHI / "links.csv")
    assert Counter(row["basis"][0] for row in links) == {"stated": 7, "curated": 1}
    (curated,) = (row for row in links if row["basis"] == ["curated"])
    assert [curated[n] for n in ("goal", "evidence", "agent", "decided_at", "confidence")] == [
        ["17"], ["市民と団体が出会います。"], ["reishi-tester"], ["2026-11-24T00:00:00Z"], []
    ]  # fmt: skip
    assert {row["made_up"][0] for row in plan} == {"yes"}


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("name", TABLES)
def test_a_table_says_nothing_that_the_turtle_does_not(dumps: Path, folder: str, name: str) -> None:
    path = dumps / folder / f"{name}.csv"
    rows, metadata = read_table(path), read_metadata(path)
    known = Graph().parse(dumps / "vocabulary.ttl")  # names of our concepts
    for part in ("plan", name):
        known.parse(dumps / folder / f"{part}.ttl")
    converted = triples_of(rows, metadata)
    assert [triple for triple in converted if triple not in known] == []
    assert len(converted) >= 5 * len(rows)
    if name == "source":  # and leaves none of these out
        projects = set(known.subjects(RDF.type, SP.Project))
        for predicate in COMPLETE:
            expected = {(s, predicate, o) for s in projects for o in known.objects(s, predicate)}
            assert {t for t in converted if t[1] == predicate and t[0] in projects} == expected


@pytest.mark.parametrize("name", TABLES)
def test_pandas_reads_the_same_cells(dumps: Path, name: str) -> None:
    path = dumps / KORIYAMA / f"{name}.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert frame.to_dict("records") == list(csv.DictReader(file))
    assert list(frame["municipality_code"].unique()) == (["072036"] if len(frame) else [])


def test_the_metadata_say_whose_data_these_are(dumps: Path) -> None:
    metadata = read_metadata(dumps / KORIYAMA / "plan.csv")
    columns = {c["name"]: c for c in metadata["tableSchema"].pop("columns")}
    assert metadata == {
        "@context": "http://www.w3.org/ns/csvw",
        "url": "plan.csv",
        "dc:title": [
            {"@value": "第二次郡山市協働推進基本計画 2021年度実施計画: "
             "事業（文書の記載と人の判断）", "@language": "ja"},
            {"@value": "Second Koriyama City Basic Plan for the Promotion of Collaboration: "
             "implementation plan for fiscal 2021: Projects: what the document states and what "
             "people decided", "@language": "en"},
        ],
        "dc:conformsTo": {"@id": "https://w3id.org/jp-sdgplan/ns"},
        "dc:license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
        "dc:source": [{"@id": "https://w3id.org/jp-sdgplan/id/072036/source/kyodo-2-2021"}],
        "dc:rights": [
            {"@value": "この文書の利用条件は確認できていません。"
             "文章は自治体のもので、出典を示して引用しています。", "@language": "ja"},
            {"@value": "The terms of use of this document are not confirmed. Its texts are the "
             "municipality's and are quoted with their source.", "@language": "en"},
        ],
        "dc:description": [
            {"@value": NOTE["ja"], "@language": "ja"}, {"@value": NOTE["en"], "@language": "en"},
        ],
        "tableSchema": {"aboutUrl": "{+project}", "primaryKey": ["project"]},
    }  # fmt: skip
    assert columns["status"] == {
        "name": "status",
        "titles": {"en": ["status", "listing status"], "ja": "区分"},
        "datatype": "string",
        "propertyUrl": "https://w3id.org/jp-sdgplan/ns#listingStatus",
        "valueUrl": "https://w3id.org/jp-sdgplan/ns#status-{status}",
    }
    assert columns["sdg_goals"] == {
        "name": "sdg_goals",
        "titles": {
            "en": ["sdg_goals", "goals that may be counted: stated and curated"],
            "ja": "数えてよいゴール",
        },
        "datatype": {"base": "integer", "minimum": 1, "maximum": 17},
        "separator": "|",
        "propertyUrl": "https://w3id.org/jp-sdgplan/ns#sdgGoal",
        "suppressOutput": True,
    }


def test_every_table_has_the_code_and_columns_of_our_own() -> None:
    for table in (*DUMP_TABLES.values(), *EXPORT_TABLES.values()):
        assert table.header[0] == "municipality_code"
        assert {*table.key, table.subject} <= set(table.header)
        for own, other, theirs in table.references:
            assert set(own) <= set(table.header)
            assert set(theirs) <= set(EXPORT_TABLES[other].header)
        for column in table.columns:
            assert not column.is_about or column.is_about in table.header


IRIS = PlanIris("https://w3id.org/jp-sdgplan/id/", "012343", "rei", 2024)


def rows_of(*names: str) -> Iterator[tuple[list[Values], str]]:
    """The rows of a plan of one project for each name, and its table."""
    for name in names:
        project, unit = IRIS.project("1"), IRIS.unit(("部",))
        triples: list[Triple] = [
            (project, RDF.type, SP.Project),
            (project, SP.inPlan, IRIS.plan),
            (project, SP.number, Literal(1)),
            (project, SKOS.prefLabel, Literal(name, lang="ja")),
            (project, SP.responsibleUnit, unit),
            (unit, SKOS.prefLabel, Literal(name, lang="ja")),
            (unit, ORG.unitOf, IRIS.municipality),
        ]
        rows = plan_rows(IRIS.plan, triples)["source"]
        table = table_csv(DUMP_TABLES["source"], rows).decode("utf-8-sig")
        yield list(csv.DictReader(table.splitlines(keepends=True))), table  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1", "'=1+1"), ("+81 の事業", "'+81 の事業"), ("-事業", "'-事業"), ("@事業", "'@事業"),
        ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("\n=1", "'\n=1"), ("＝１", "'＝１"),
        ("－", "－"), ("-", "-"),
        ("-5", "-5"), ("+1.5e3", "+1.5e3"), ("事業=1", "事業=1"), (" =1", " =1"), ('"=1"', '"=1"'),
    ],
)  # fmt: skip
def test_no_text_runs_as_a_formula(name: str, cell: str) -> None:
    assert for_spreadsheet(name) == cell
    ((row,), _) = next(rows_of(name))
    assert row["name"] == cell


def test_a_value_with_the_separator_stays_one_value() -> None:
    ((row,), table) = next(rows_of('a|b,"c"\n'))
    assert row["unit_path"] == 'a｜b,"c"\n'
    assert row["name"] == 'a|b,"c"\n'
    assert ',"a|b,""c""\n",' in table


def test_notes_are_in_the_order_of_the_text() -> None:
    project, notes = IRIS.project("1"), ["んで始", "真ん中", "あで終"]
    triples: list[Triple] = [
        (project, RDF.type, SP.Project),
        (project, SP.inPlan, IRIS.plan),
        (project, DCTERMS.description, Literal("んで始め、真ん中、あで終わる。", lang="ja")),
        *(
            (project, SP.deliveryNote, Literal(t, lang="ja"))
            for t in ("あで終", "んで始", "真ん中")
        ),
        *((project, SP.sourceLine, Literal(line)) for line in (100, 9)),
    ]
    (row,) = plan_rows(IRIS.plan, triples)["source"]
    assert row["delivery_notes"] == notes
    assert row["source_lines"] == ["9", "100"]


def test_a_violation_has_a_row_with_its_property() -> None:
    graph = IRIS.graph("report")
    triples: list[Triple] = []
    for place, severity in ((10, SH.Warning), (9, SH.Violation)):
        result = graph + f"#{place}"
        triples += [
            (result, RDF.type, SH.ValidationResult),
            (result, SH.focusNode, IRIS.plan),
            (result, SH.resultPath, PROV.used),
            (result, SH.resultSeverity, severity),
            (result, SH.sourceShape, SP.Plan),
            (result, SP.sourceLine, Literal(10)),
            (result, SP.sourceLine, Literal(9)),
        ]
    rows = plan_rows(IRIS.plan, triples)["report"]
    assert [(r["severity"], r["path"], r["source_lines"]) for r in rows] == [
        ("Violation", str(PROV.used), ["9", "10"]), ("Warning", str(PROV.used), ["9", "10"])
    ]  # fmt: skip
