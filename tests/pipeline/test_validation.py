"""The report of a plan: sentences with project, line and figures; as triples; who validates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, RDFS, SH, SKOS, XSD

from kg.mapping.terms import integer, japanese
from kg.resources import ontology_dir
from kg.validation import Report, Validator, report_triples, validate
from kg.validators import ENGINES, Finding, Ontology, Triples, n3, parse_term, shacl_findings
from kg.vocab import PROV, SP, SPS
from tests.pipeline.broken_properties import BROKEN
from tests.pipeline.koriyama import IRIS, PLAN, Draft, cell, koriyama, project, target_of

GRAPH = IRIS.graph("report")
EXAMPLES = {example.constraint: example for example in BROKEN}


def report_of(triples: frozenset | set, validator: str = Validator.SHACL) -> Report:  # type: ignore[type-arg]
    return validate(PLAN, triples, ontology_dir(), validator=validator)


def sentences_of(constraint: str) -> list[tuple[str, str]]:
    """What the broken example of a constraint is reported as, in Japanese and English."""
    report = report_of(EXAMPLES[constraint].triples())
    return [
        (result.sentence_ja, result.sentence_en)
        for result in report.results
        if result.constraint == constraint
    ]


def test_a_warning_names_project_line_and_both_figures() -> None:
    (result,) = (r for r in report_of(koriyama()).warnings if r.number == 63)
    assert result.sentence_ja == (
        "No. 63 セーフコミュニティ推進事業（197行目）: 関連付け0件、アイコン6個です。（C14）"
    )
    assert result.sentence_en == (
        "No. 63 セーフコミュニティ推進事業 (line 197): Goals linked: 0, icons shown: 6. (C14)"
    )
    assert result.figures == {"linked": "0", "icons": "6"}
    assert result.lines == (197,)


def test_a_project_printed_over_two_rows_is_reported_with_both_lines() -> None:
    (result,) = (r for r in report_of(koriyama()).warnings if r.number == 45)
    assert result.lines == (168, 169)
    assert "（168・169行目）" in result.sentence_ja
    assert "(lines 168, 169)" in result.sentence_en


def test_a_total_is_reported_with_the_line_that_prints_it() -> None:
    assert sentences_of("C05") == [
        (
            "第二次郡山市協働推進基本計画 2021年度実施計画（61行目）: "
            "公表のべ取り組み数は121ですが、事業のアイコンは合計120個です。（C05）",
            "Second Koriyama City Basic Plan for the Promotion of Collaboration: implementation "
            "plan for fiscal 2021 (line 61): The plan publishes 121 links, but the icons of the "
            "projects add up to 120. (C05)",
        )
    ]


def test_a_cell_of_the_balance_table_is_named_by_policy_and_column() -> None:
    assert sentences_of("C21") == [
        (
            "施策1「当年度事業数」の欄（16行目）: "
            "前年度と見直しから6件のはずですが、当年度の欄は5です。（C21）",
            "policy 1, cell “current year” (line 16): The previous year and the review give 6, "
            "but the cell of the current year says 5. (C21)",
        )
    ]


def test_goals_and_concepts_in_a_sentence_are_named_in_its_language() -> None:
    assert sentences_of("C18") == [
        (
            "No. 1 人材育成推進事業とゴール4の関連付け（78行目）: "
            "記録に対応する関連付けが事業にありません（ゴール4、人手付与）。（C18）",
            "No. 1 人材育成推進事業, link to goal 4 (line 78): The project does not have the link "
            "of this record (goal 4, curated). (C18)",
        )
    ]


def test_a_target_is_reported_with_its_project_and_words() -> None:
    assert sentences_of("C27") == [
        (
            "No. 2 わかもの政策討論事業の計画値「勉強会 3回」（79行目）: "
            "種別が「数値目標」の計画値の値は3、単位は-です。"
            "数値目標と推定値には両方が、ほかにはどちらもないはずです。（C27）",
            "No. 2 わかもの政策討論事業, target “勉強会 3回” (line 79): The target is of kind "
            "“numeric target”, its value is 3, its unit -; numbers and estimates need both, "
            "other kinds neither. (C27)",
        )
    ]


def test_a_wrong_iri_is_shown_as_it_is() -> None:
    assert sentences_of("C73") == [
        (
            "No. 1 人材育成推進事業（78行目）: ゴールはhttp://metadata.un.org/sdg/1から17までの"
            "IRIです（httpsは別のIRI）。値はhttps://metadata.un.org/sdg/4です。（C73）",
            "No. 1 人材育成推進事業 (line 78): A goal is an IRI from http://metadata.un.org/sdg/1 "
            "to 17 (with https it is another IRI). Found: https://metadata.un.org/sdg/4. (C73)",
        )
    ]


def test_a_missing_value_is_called_missing() -> None:
    draft = Draft(koriyama())
    draft.drop(target_of(2), SP.targetKind)
    (result,) = report_of(draft.triples).violations
    assert result.sentence_ja == (
        "No. 2 わかもの政策討論事業の計画値「勉強会 3回」（79行目）: "
        "計画値の種別は数値目標、推定値、取組、備考のどれか1つです。値はありません。（C82）"
    )


def test_a_name_with_the_words_of_a_message_does_not_confuse_the_figures() -> None:
    draft = Draft(koriyama())
    name = "関連付け9件、アイコン{?icons}個です。(C99)\n<b>"
    draft.swap(project(1), SKOS.prefLabel, japanese(name))
    (result,) = (r for r in report_of(draft.triples).warnings if r.number == 1)
    assert result.figures == {"linked": "0", "icons": "1"}
    assert result.sentence_ja == (
        "No. 1 関連付け9件、アイコン{?icons}個です。(C99) <b>（78行目）: "
        "関連付け0件、アイコン1個です。（C14）"
    )


def test_violations_come_first_then_the_numbers_of_constraints_then_lines() -> None:
    report = report_of(EXAMPLES["C03"].triples())
    assert list(report.summary) == ["C03", "C09", "C14", "C35"]
    assert [r.constraint for r in report.results[:4]] == ["C03", "C09", "C35", "C14"]
    lines = [min(r.lines) for r in report.warnings]
    assert lines == sorted(lines)
    assert not report.conforms
    assert len(report.violations) == 3


def test_the_same_triples_in_another_order_give_the_same_report() -> None:
    triples = sorted(EXAMPLES["C22"].triples(), key=lambda t: tuple(map(n3, t)))
    one = validate(PLAN, triples, ontology_dir(), validator=Validator.SHACL)
    other = validate(PLAN, reversed(triples), ontology_dir(), validator=Validator.SHACL)
    assert one == other
    assert list(report_triples(one, GRAPH)) == list(report_triples(other, GRAPH))


def test_the_report_as_triples_is_a_shacl_report_without_blank_nodes() -> None:
    report = report_of(EXAMPLES["C22"].triples())
    graph = Graph()
    for triple in report_triples(report, GRAPH):
        graph.add(triple)
    assert not [term for triple in graph for term in triple if isinstance(term, BNode)]
    assert graph.value(URIRef(f"{GRAPH}#report"), SH.conforms) == Literal(False)
    results = set(graph.objects(URIRef(f"{GRAPH}#report"), SH.result))
    assert results == {URIRef(f"{GRAPH}#{n}") for n in range(1, 75)}
    assert results == set(graph.subjects(RDF.type, SH.ValidationResult))
    first, result = URIRef(f"{GRAPH}#1"), report.results[0]
    assert result.sentence_ja == (
        "施策1「当年度事業数」の欄（16行目）: 当年度の欄は5ですが、この施策の事業は4件です。（C22）"
    )
    assert set(graph.predicate_objects(first)) == {
        (RDF.type, SH.ValidationResult),
        (RDFS.label, Literal("検証結果1（C22）", lang="ja")),
        (RDFS.label, Literal("validation result 1 (C22)", lang="en")),
        (SH.focusNode, PLAN),
        (SH.value, cell(1, "current")),
        (SH.resultSeverity, SH.Violation),
        (SH.sourceConstraintComponent, SH.SPARQLConstraintComponent),
        (SH.sourceConstraint, SPS.C22),
        (SH.sourceShape, SPS.ImplementationPlan),
        (SP.sourceLine, integer(16)),
        (SH.resultMessage, Literal(result.sentence_ja, lang="ja")),
        (SH.resultMessage, Literal(result.sentence_en, lang="en")),
    }


def test_a_result_of_a_property_names_shape_and_path() -> None:
    report = report_of(EXAMPLES["C85"].triples())
    described = set(report_triples(report, GRAPH))
    first = URIRef(f"{GRAPH}#1")
    assert (first, SH.sourceShape, SPS.C85) in described
    assert (first, SH.resultPath, SP.targetUnit) in described
    assert not [p for s, p, _ in described if s == first and p == SH.sourceConstraint]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The engines that were asked, in turn; the second validator answers for both."""
    asked: list[str] = []

    def engine(name: str) -> object:
        def findings(triples: Triples, ontology: Ontology) -> list[Finding]:
            asked.append(name)
            return shacl_findings(triples, ontology)

        return findings

    for name in ENGINES:
        monkeypatch.setitem(ENGINES, name, engine(name))
    return asked


def test_auto_asks_the_second_validator_alone_where_nothing_is_wrong(calls: list[str]) -> None:
    report = report_of(koriyama(), Validator.AUTO)
    assert calls == ["shacl"]
    assert report.validators == ("shacl",)


def test_auto_asks_pyshacl_too_where_something_is_wrong(calls: list[str]) -> None:
    report = report_of(EXAMPLES["C22"].triples(), Validator.AUTO)
    assert calls == ["shacl", "pyshacl"]
    assert report.validators == ("pyshacl", "shacl")


def test_auto_asks_pyshacl_for_a_fixed_sample_of_one_plan_in_a_hundred(calls: list[str]) -> None:
    plans = [URIRef(f"https://example.org/plan/{number}") for number in range(400)]
    for plan in plans:
        validate(plan, [], ontology_dir(), validator=Validator.AUTO)
    assert 1 <= calls.count("pyshacl") <= 10


def test_pyshacl_is_the_validator_if_none_is_named(calls: list[str]) -> None:
    validate(PLAN, koriyama(), ontology_dir())
    assert calls == ["pyshacl"]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["ja", "en", None]))
def test_any_text_survives_the_way_to_the_second_validator(text: str, language: str | None) -> None:
    term = Literal(text, lang=language)
    assert parse_term(n3(term)) == term


def test_typed_literals_and_iris_survive_it_too() -> None:
    for term in (Literal("07", datatype=XSD.integer, normalize=False), PLAN, PROV.Agent):
        assert parse_term(n3(term)) == term
