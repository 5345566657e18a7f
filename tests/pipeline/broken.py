"""The Koriyama plan broken in one way per constraint, for the tests of the shapes.

Each example is a small edit of the plan's own triples (source and links graph, nothing curated).
"""

from __future__ import annotations

from rdflib import Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, ORG, PROV, RDF, RDFS, SKOS, XSD

from kg.iris import fiscal_year
from kg.mapping.terms import english, integer, japanese, plain
from kg.plan_settings import corporate_check_digit
from kg.vocab import SDG, SP
from tests.pipeline.koriyama import (
    BROKEN,
    CITY,
    EXAMPLE,
    IRIS,
    LAST_YEAR,
    PLAN,
    Draft,
    breaks,
    cell,
    project,
    target_of,
    total,
)

# --- municipality, plans, fiscal year ----------------------------------------------------------


@breaks("C01")
def wrong_check_digit(draft: Draft) -> None:
    draft.drop(CITY, SP.corporateNumber)
    draft.swap(CITY, SP.localGovernmentCode, plain("072037"))


@breaks("C02")
def area_code_of_another_city(draft: Draft) -> None:
    draft.swap(CITY, SP.standardAreaCode, URIRef("http://data.e-stat.go.jp/lod/sac/C07204"))


@breaks("C90")
def corporate_number_of_another_city(draft: Draft) -> None:
    rest = "000020072044"
    draft.swap(CITY, SP.corporateNumber, plain(corporate_check_digit("0" + rest) + rest))


@breaks("C91")
def corporate_number_with_a_wrong_first_digit(draft: Draft) -> None:
    draft.swap(CITY, SP.corporateNumber, plain("1000020072036"))


@breaks("C126", "C127", why="the code is that of a real city")
def a_made_up_city_that_does_not_say_so(draft: Draft) -> None:
    draft.put(CITY, RDF.type, SP.MadeUpMunicipality)


@breaks("C127")
def a_made_up_city_with_a_real_code(draft: Draft) -> None:
    draft.put(CITY, RDF.type, SP.MadeUpMunicipality)
    draft.put(CITY, RDFS.comment, japanese("架空です。"), english("Made up."))


@breaks("C24")
def two_units_under_each_other(draft: Draft) -> None:
    for unit, above in ((EXAMPLE.a, EXAMPLE.b), (EXAMPLE.b, EXAMPLE.a)):
        draft.put(unit, RDF.type, ORG.OrganizationalUnit)
        draft.put(unit, SKOS.prefLabel, japanese("企画課"))
        draft.put(unit, ORG.subOrganizationOf, above)


@breaks("C28")
def two_policies_with_one_number(draft: Draft) -> None:
    draft.swap(IRIS.policy("2"), SKOS.notation, plain("1"))


@breaks("C92")
def fiscal_year_from_january(draft: Draft) -> None:
    start = Literal("2021-01-01", datatype=XSD.date)
    draft.swap(fiscal_year(2021), DCAT.startDate, start)


@breaks("C39")
def previous_plan_of_two_years_ago(draft: Draft) -> None:
    long_ago = fiscal_year(2019)
    draft.put(long_ago, RDF.type, SP.FiscalYear)
    draft.put(long_ago, SP.year, Literal("2019", datatype=XSD.gYear, normalize=False))
    draft.put(long_ago, DCAT.startDate, Literal("2019-04-01", datatype=XSD.date))
    draft.put(long_ago, DCAT.endDate, Literal("2020-03-31", datatype=XSD.date))
    draft.swap(LAST_YEAR, SP.fiscalYear, long_ago)


# --- projects against the published totals ------------------------------------------------------


@breaks("C03", "C09", "C35", why="the same total stands in the table and follows from last year's")
def another_published_project_count(draft: Draft) -> None:
    draft.swap(PLAN, SP.publishedProjectCount, integer(73))


@breaks("C04")
def a_gap_in_the_numbers(draft: Draft) -> None:
    draft.swap(project(72), SP.number, integer(80))


@breaks("C05")
def an_icon_too_few(draft: Draft) -> None:
    draft.swap(project(63), SP.iconCount, integer(5))


@breaks("C06")
def a_goal_count_too_low(draft: Draft) -> None:
    draft.swap(IRIS.cube("sdg-goal", "1"), SP.projectCount, integer(11))


@breaks("C11")
def a_number_given_twice(draft: Draft) -> None:
    draft.swap(project(72), SP.number, integer(71))


@breaks("C16")
def a_policy_of_another_scheme(draft: Draft) -> None:
    draft.put(EXAMPLE.scheme, RDF.type, SKOS.ConceptScheme)
    draft.swap(IRIS.policy("1"), SKOS.inScheme, EXAMPLE.scheme)


@breaks("C17")
def a_department_of_another_city(draft: Draft) -> None:
    top = min(s for s, p, _ in draft.triples if p == ORG.unitOf)
    draft.swap(top, ORG.unitOf, EXAMPLE.city)


@breaks("C93")
def a_project_with_an_english_name_only(draft: Draft) -> None:
    draft.swap(project(1), SKOS.prefLabel, Literal("Staff training", lang="en"))


@breaks("C94")
def a_project_without_source(draft: Draft) -> None:
    draft.drop(project(1), DCTERMS.source)


@breaks("C95")
def a_source_line_of_zero(draft: Draft) -> None:
    draft.swap(project(1), SP.sourceLine, integer(0))


@breaks("C96")
def a_tag_left_in_the_text(draft: Draft) -> None:
    draft.swap(project(1), DCTERMS.description, japanese("研修を<b>実施</b>します。"))


@breaks("C38")
def a_target_left_out(draft: Draft) -> None:
    draft.swap(target_of(2, 2), SP.order, integer(3))


@breaks("C27")
def a_number_without_unit(draft: Draft) -> None:
    draft.drop(target_of(2), SP.targetUnit)


@breaks("C85")
def two_units_for_one_value(draft: Draft) -> None:
    draft.put(target_of(2), SP.targetUnit, japanese("団体"))


# --- review lists and balance table ---------------------------------------------------------------


@breaks("C07")
def a_new_project_that_no_list_has(draft: Draft) -> None:
    draft.swap(project(1), SP.listingStatus, SP["status-new"])


@breaks("C08")
def an_ended_project_that_is_still_listed(draft: Draft) -> None:
    """No. 10 is of the same unit as the merged 減災プロジェクト事業."""
    (key,) = (o for s, p, o in draft.triples if s == project(10) and p == SP.nameKey)
    draft.swap(IRIS.change(5), SP.nameKey, key)


@breaks("C09", "C37", why="last year's total stands in the table too")
def another_total_of_last_year(draft: Draft) -> None:
    draft.swap(LAST_YEAR, SP.publishedProjectCount, integer(75))


@breaks("C21", "C33", why="the total row adds up the same column")
def a_policy_that_does_not_close(draft: Draft) -> None:
    draft.swap(cell(1, "previous"), SP.projectCount, integer(6))


@breaks("C22")
def a_project_under_another_policy(draft: Draft) -> None:
    draft.swap(project(1), SP.policy, IRIS.policy("2"))


@breaks("C23")
def an_abolished_project_called_routine(draft: Draft) -> None:
    draft.swap(IRIS.change(4), SP.changeKind, SP["status-routine"])


@breaks("C25")
def a_list_entry_with_another_name(draft: Draft) -> None:
    draft.swap(IRIS.change(1), SP.nameKey, plain("別の事業"))


@breaks("C33")
def a_total_that_does_not_add_up(draft: Draft) -> None:
    draft.swap(total("new-or-added"), SP.projectCount, integer(4))


@breaks("C34")
def a_goal_counted_twice(draft: Draft) -> None:
    for subject, predicate, term in list(draft.triples):
        if subject == IRIS.cube("sdg-goal", "7"):
            draft.put(EXAMPLE.twice, predicate, term)


@breaks("C35", "C33", why="the total row adds up the same column")
def another_total_of_this_year(draft: Draft) -> None:
    draft.swap(total("current"), SP.projectCount, integer(71))


@breaks("C36", "C129", why="fewer are continued than the year before and the review leave")
def a_continued_column_that_does_not_close(draft: Draft) -> None:
    for subject, predicate, term in list(draft.triples):
        if subject == cell(1, "current"):
            draft.put(cell(1, "continued"), predicate, term)
    draft.swap(cell(1, "continued"), SP.dimItem, SP["item-continued"])
    draft.swap(cell(1, "continued"), SP.projectCount, integer(4))


@breaks("C37", "C33", why="the total row adds up the same column")
def another_previous_total(draft: Draft) -> None:
    draft.swap(total("previous"), SP.projectCount, integer(75))


@breaks("C97")
def an_abolished_project_merged_into_another(draft: Draft) -> None:
    draft.put(IRIS.change(4), SP.mergedInto, project(10))


# --- goal links -------------------------------------------------------------------------------


@breaks("C10")
def a_goal_that_nobody_stated_or_curated(draft: Draft) -> None:
    draft.put(project(1), SP.sdgGoal, SDG["4"])


@breaks("C12")
def a_stated_project_without_its_goal(draft: Draft) -> None:
    draft.swap(project(1), SP.sdgLinkBasis, SP["basis-stated"])


@breaks("C13")
def more_goals_than_icons(draft: Draft) -> None:
    draft.curate("1", 4, 8)


@breaks("C15")
def a_curated_goal_without_record(draft: Draft) -> None:
    draft.curate("1", 4)
    draft.drop(IRIS.goal_link("1", 4))


@breaks("C18")
def a_record_without_its_goal(draft: Draft) -> None:
    draft.record("1", 4, "curated", direct=False)


@breaks("C19")
def more_projects_than_a_goal_has(draft: Draft) -> None:
    for number in ("1", "2", "3"):
        draft.curate(number, 6)


@breaks("C20")
def links_declared_complete_too_early(draft: Draft) -> None:
    draft.put(PLAN, SP.sdgLinkCompleteness, SP.complete)


@breaks("C26")
def a_goal_without_count(draft: Draft) -> None:
    draft.drop(IRIS.cube("sdg-goal", "7"))


@breaks("C29")
def a_curated_project_without_goals(draft: Draft) -> None:
    draft.swap(project(1), SP.sdgLinkBasis, SP["basis-curated"])


@breaks("C30")
def an_estimate_for_a_goal_with_no_project(draft: Draft) -> None:
    draft.record("1", 7, "inferred", direct=False)


@breaks("C31")
def candidates_for_one_project_only(draft: Draft) -> None:
    draft.record("1", 4, "inferred")


@breaks("C32")
def an_estimate_without_confidence(draft: Draft) -> None:
    draft.drop(draft.record("1", 4, "inferred", direct=False), SP.confidence)


@breaks("C139")
def expected_counts_that_do_not_give_the_published_total(draft: Draft) -> None:
    draft.expect(9, "3.9999")


@breaks("C98")
def a_decision_without_its_author(draft: Draft) -> None:
    draft.curate("1", 4)
    draft.drop(IRIS.goal_link("1", 4), PROV.wasAttributedTo)


# --- cardinalities and values: the shape says what is wrong ------------------------------------


@breaks("C62")
def a_section_of_a_department_and_of_the_city(draft: Draft) -> None:
    section = min(s for s, p, _ in draft.triples if p == ORG.subOrganizationOf)
    draft.put(section, ORG.unitOf, CITY)


@breaks("C73", "C10", why="it is neither stated nor curated")
def a_goal_with_https(draft: Draft) -> None:
    draft.put(project(1), SP.sdgGoal, URIRef("https://metadata.un.org/sdg/4"))


@breaks("C74", "C29", "C102", why="one project has one basis, and so has one record")
def a_goal_stated_and_curated(draft: Draft) -> None:
    draft.curate("1", 4)
    draft.record("1", 4, "stated")


@breaks("C75", "C31", why="no other project has candidates")
def a_candidate_that_is_linked(draft: Draft) -> None:
    draft.curate("1", 4)
    draft.record("1", 4, "inferred")


__all__ = ["BROKEN"]
