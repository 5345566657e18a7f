"""The documentation says what the program does: reference pages, routes, words of the README."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

from kg.candidates import WORD_STRENGTH
from kg.codes import read_codes
from kg.errors import problem_kinds
from kg.estimates import METHOD_VERSION
from kg.extract.decisions import FACTS_HEADER, LINKS_HEADER
from kg.goal_words import word_list_sha256
from kg.resources import ontology_dir
from kg.settings import Settings
from kg.validators import read_ontology
from server.application import close_app, create_app

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")


def writer(name: str = "write_reference") -> ModuleType:
    """A module of docs/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_what_make_docs_writes() -> None:
    pages = writer().pages()
    folder = ROOT / "docs" / "reference"
    assert {path.name for path in folder.iterdir()} == set(pages)
    for name, text in pages.items():
        assert (folder / name).read_text(encoding="utf-8") == text, f"stale: run make docs ({name})"


def test_the_candidates_of_koriyama_in_the_docs_are_those_computed() -> None:
    written = writer("write_candidates")
    page = written.PAGE.read_text(encoding="utf-8")
    assert written.part(page, "table of Koriyama") == written.koriyama(), "stale: run make docs"


def test_the_measures_in_the_docs_are_of_the_word_list_and_method_in_use() -> None:
    written = writer("write_candidates")
    measures = written.part(written.PAGE.read_text(encoding="utf-8"), "measures")
    heading = f"Method {METHOD_VERSION}, word strength {WORD_STRENGTH:g}, word list sha256\n"
    stale = "stale: run docs/write_candidates.py --measure"
    assert measures.count(heading + word_list_sha256()) == len(written.RUNS), stale


def test_every_problem_of_the_code_has_a_text_and_every_text_is_used() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "kg").rglob("*.py"))
    constraints = {code for code, kind in problem_kinds().items() if not kind["statement"]}
    assert constraints - {"constraint"} <= set(read_ontology(ontology_dir()).constraints)
    used = {word for word in re.findall(r'"([a-z]+(?:-[a-z]+)*)"', code) if word in problem_kinds()}
    assert used | constraints == set(problem_kinds())


def test_every_route_is_in_the_guide(two_cities: Path) -> None:
    app = create_app(Settings(), two_cities)
    try:
        rules = {rule.rule for rule in app.url_map.iter_rules()}
    finally:
        close_app(app)
    roots = {re.sub(r"\.?<.*", "", "/" + rule.strip("/").split("/")[0]) for rule in rules}
    documented = {name.removesuffix(".ttl") for name in re.findall(r"`(/[a-z.-]*)(?:/…)?`", GUIDE)}
    assert roots - documented == set()


def test_the_headers_of_the_decision_files_are_in_the_guide() -> None:
    assert ",".join(LINKS_HEADER) in GUIDE
    assert ",".join(FACTS_HEADER) in GUIDE
    for name in ("links", "facts"):
        header = (ROOT / f"data/plans/koriyama-2021/{name}.csv").read_text(encoding="utf-8")
        assert header == ",".join(LINKS_HEADER if name == "links" else FACTS_HEADER) + "\n"


def test_every_code_list_and_plan_is_in_the_data_readme() -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "data" / "codes").iterdir():
        assert f"`codes/{path.name}`" in text
        assert read_codes(path.stem)
    for path in (ROOT / "data" / "plans").iterdir():
        assert f"`plans/{path.name}`" in text
