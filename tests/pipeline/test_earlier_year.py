"""A plan held against the year before: figures, what may have gone on, CQ19 to CQ21."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from rdflib import Graph, Literal
from rdflib.namespace import ORG

from kg.checking import check_plan
from kg.cli import main
from kg.earlier_year import notes_on_year_before
from kg.resources import ontology_dir
from kg.settings import Settings
from kg.validators import n_triples

EXAMPLES = Path(__file__).parents[2] / "examples" / "plans"
LATER = "reishi-0001-2021"

Edit = Callable[[str], str]


def two_years(target: Path, *, before: Edit = str, after: Edit = str, settings: str = "") -> Path:
    """Both plans of 例1市, changed; the folder of the later one. `settings` end its plan.toml."""
    for year, edit in (("2020", before), ("2021", after)):
        folder = target / f"reishi-0001-{year}"
        shutil.copytree(EXAMPLES / folder.name, folder)
        plan = folder / "plan.md"
        plan.write_text(edit(plan.read_text(encoding="utf-8")), encoding="utf-8")
    toml = target / LATER / "plan.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + settings, encoding="utf-8")
    return target / LATER


def notes(folder: Path) -> list[str]:
    checked = check_plan(folder, Settings(), "shacl")
    assert [str(problem) for problem in checked.problems] == []
    return notes_on_year_before(checked, Settings())


def swap(*pairs: str) -> Edit:
    def edit(text: str) -> str:
        for old, new in zip(pairs[::2], pairs[1::2], strict=True):
            assert old in text, old
            text = text.replace(old, new)
        return text

    return edit


def test_years_that_agree_are_told_nothing(tmp_path: Path) -> None:
    assert notes(two_years(tmp_path)) == []
    shutil.rmtree(tmp_path / "reishi-0001-2020")
    assert notes(tmp_path / LATER) == []


def test_figures_of_the_year_before_that_differ_are_told_with_both_numbers(tmp_path: Path) -> None:
    after = swap(
        "| 施策2 | 1 | 6 | 6 | |", "| 施策2 | 1 | 6 | 7 | ▲1 |",
        "| 計 | 1 | 23 | 24 | ▲1 | |", "| 計 | 1 | 23 | 25 | ▲2 | |",
        "| 施策 3 | ウェブ情報発信強化事業 | 廃止 | 政策部広聴広報課 |",
        "| 施策 3 | ウェブ情報発信強化事業 | 廃止 | 政策部広聴広報課 |\n"
        "| 施策 2 | 架空の見守り事業 | 廃止 | 保健福祉部福祉総務課 |",
    )  # fmt: skip
    folder = two_years(tmp_path, after=after)
    assert notes(folder) == [
        f"{LATER}, line 17: 7 projects of policy 2 are given for fiscal 2020, but "
        "reishi-0001-2020 lists 6.",
        f"{LATER}, line 20: 25 projects in all are given for fiscal 2020, but reishi-0001-2020 "
        "publishes 24.",
    ]
    done = CliRunner().invoke(main, ["check", "--brief", str(folder)])
    assert done.exit_code == 0
    assert "but reishi-0001-2020 publishes 24.\n" in done.stdout


BOTH = f"{LATER} and reishi-0001-2020: "


def test_a_project_of_another_name_is_proposed_with_the_line_that_ties_it(tmp_path: Path) -> None:
    after = swap("| 懇談会事業 |", "| 市民懇談会事業 |")
    line = '"市民懇談会事業" = "懇談会事業"'
    assert notes(two_years(tmp_path / "a", after=after)) == [
        f'{BOTH}No. 4 "懇談会事業" may have become No. 4 "市民懇談会事業". If it did, write {line} '
        "under [aliases] in plan.toml of the later plan."
    ]
    folder = two_years(tmp_path / "b", after=after, settings=f"\n[aliases]\n{line}\n")
    assert notes(folder) == []


def test_merged_projects_are_proposed(tmp_path: Path) -> None:
    before = swap("| バス路線維持充実事業 |", "| 市民懇談会事業（北） |",
                  "| 懇談会事業 |", "| 市民懇談会事業（南） |")  # fmt: skip
    after = swap("| バス路線維持充実事業 |", "| 市民懇談会事業 |",
                 "| 懇談会事業 |", "| 地域公共交通計画策定 |")  # fmt: skip
    assert notes(two_years(tmp_path, before=before, after=after)) == [
        f'{BOTH}No. 2 "市民懇談会事業（北）" and No. 4 "市民懇談会事業（南）" may have been merged '
        'into No. 2 "市民懇談会事業". If it did, write "市民懇談会事業" = "市民懇談会事業（北）" '
        "under [aliases] in plan.toml of the later plan."
    ]


def test_a_split_project_is_proposed(tmp_path: Path) -> None:
    before = swap("| バス路線維持充実事業 |", "| 市民懇談会事業 |",
                  "| 懇談会事業 |", "| 地域公共交通計画策定 |")  # fmt: skip
    after = swap("| バス路線維持充実事業 |", "| 市民懇談会事業（北） |",
                 "| 懇談会事業 |", "| 市民懇談会事業（南） |")  # fmt: skip
    (note,) = notes(two_years(tmp_path, before=before, after=after))
    assert note.startswith(
        f'{BOTH}No. 2 "市民懇談会事業" may have been split into No. 2 "市民懇談会事業（北）" and '
        'No. 4 "市民懇談会事業（南）". If it did, write '
    )


OLD, NEW = "市民部交通安全課", "市民部くらし安全課"
REORGANISED = '"市民部/くらし安全課" = "市民部/交通安全課"'


def test_units_that_others_took_over_from_are_proposed(tmp_path: Path) -> None:
    (note,) = notes(two_years(tmp_path, after=swap(OLD, NEW)))
    assert note == (
        f"{BOTH}4 projects of 市民部/交通安全課 are now those of 市民部/くらし安全課. If the units "
        f"were reorganised, write {REORGANISED} under [reorganised] in plan.toml of the later "
        "plan; if only the name is another, under [aliases]."
    )


@pytest.mark.parametrize("settled_by", ["reorganised", "aliases"])
def test_units_that_plan_toml_settles_are_not_proposed_again(
    tmp_path: Path, settled_by: str
) -> None:
    settings = f"\n[{settled_by}]\n{REORGANISED}\n"
    assert notes(two_years(tmp_path, after=swap(OLD, NEW), settings=settings)) == []


def test_a_line_of_reorganised_settles_its_own_units_alone(tmp_path: Path) -> None:
    settings = '\n[reorganised]\n"市民部/くらし安全課" = "市民部/防犯課"\n'
    (note,) = notes(two_years(tmp_path, after=swap(OLD, NEW), settings=settings))
    assert REORGANISED in note


def test_a_line_of_reorganised_that_fits_no_unit_is_a_problem(tmp_path: Path) -> None:
    folder = two_years(tmp_path, settings=f"\n[reorganised]\n{REORGANISED}\n")
    (problem,) = check_plan(folder, Settings(), "shacl").problems
    assert problem.code == "reorganised-units"
    assert problem.found == '"市民部/くらし安全課 = 市民部/交通安全課"'


# --- the questions ---------------------------------------------------------------------------


def answers(folder: Path, name: str) -> list[list[str]]:
    """The rows of a question on both years, the same by two engines."""
    store, graph = ox.Store(), Graph()
    for plan in sorted(folder.parent.iterdir()):
        graphs = check_plan(plan, Settings(), "shacl").graphs
        triples = [*graphs["source"], *graphs["links"]]
        named = ox.NamedNode(f"https://example.org/{plan.name}")
        store.load(n_triples(triples).encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=named)
        for triple in triples:
            graph.add(triple)
    query = (ontology_dir() / "queries" / f"{name}.rq").read_text(encoding="utf-8")
    solutions = store.query(query, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    rows = [[value.value for value in row] for row in solutions]  # type: ignore[union-attr]
    others = [[_plain(term) for term in row] for row in graph.query(query)]  # type: ignore[union-attr]
    assert rows == others
    return rows


def _plain(term: object) -> str:
    is_decimal = isinstance(term, Literal) and isinstance(term.value, Decimal)
    return f"{Decimal(str(term)).normalize():f}" if is_decimal else str(term)


def test_projects_of_several_years_targets_and_units(tmp_path: Path) -> None:
    settings = f"\n[reorganised]\n{REORGANISED}\n"
    folder = two_years(tmp_path, after=swap(OLD, NEW), settings=settings)
    ran = answers(folder, "cq19")
    assert len(ran) == 23
    assert {tuple(row[1:5]) for row in ran} == {("例1市（架空）", "2", "2020", "2021")}
    changed = answers(folder, "cq20")
    assert ["植樹本数", "本", "4923", "4479", "-444"] in [row[3:] for row in changed]
    assert all(Decimal(row[7]) == Decimal(row[6]) - Decimal(row[5]) for row in changed)
    (event,) = answers(folder, "cq21")
    assert event[1:3] == ["例1市（架空）", "2021"]
    assert (event[4], event[6]) == ("交通安全課", "くらし安全課")


def test_a_reorganisation_is_an_event_of_w3c_s_organization_ontology(tmp_path: Path) -> None:
    settings = '\n[reorganised]\n"市民部/くらし安全課" = "市民部/交通安全課 + 市民部/防犯課"\n'
    folder = two_years(tmp_path, after=swap(OLD, NEW), settings=settings)
    checked = check_plan(folder, Settings(), "shacl")
    assert checked.problems == ()
    assert checked.iris
    links, iris = set(checked.graphs["links"]), checked.iris
    olds = ("市民部/交通安全課", "市民部/防犯課")
    event, new = iris.reorganisation(olds), iris.unit(("市民部", "くらし安全課"))
    for old in olds:
        unit = iris.unit(tuple(old.split("/")))
        assert (event, ORG.originalOrganization, unit) in links
        assert (unit, ORG.changedBy, event) in links
    assert (event, ORG.resultingOrganization, new) in links
    assert (new, ORG.resultedFrom, event) in links


@pytest.mark.parametrize("name", ["cq19", "cq20", "cq21"])
def test_a_single_year_has_no_answer(tmp_path: Path, name: str) -> None:
    folder = two_years(tmp_path)
    shutil.rmtree(folder)
    assert answers(folder, name) == []
