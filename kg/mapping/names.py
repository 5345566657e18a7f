"""What resources without a name of their own are called, in Japanese and English.

Made from numbers and the year, so that it does not change when the document's words do; these
stand beside it, in sp:targetText and others. Always rdfs:label: a skos:prefLabel is a name
that a person gave.
"""

from __future__ import annotations

from rdflib import URIRef

from kg.mapping.terms import Context, Triples, labels
from kg.measures import BudgetKind, IndicatorValue, ValueKind
from kg.records import Item
from kg.vocab import RDFS

ITEMS = {
    Item.CURRENT: ("当年度事業数", "current year"),
    Item.NEW_OR_ADDED: ("新規・追加", "new or added"),
    Item.CONTINUED: ("継続", "continued"),
    Item.PREVIOUS: ("前年度事業数", "previous year"),
    Item.COMPLETED_OR_ABOLISHED: ("完了・廃止", "completed or abolished"),
    Item.ROUTINE: ("経常", "routine"),
    Item.MERGED: ("統合", "merged"),
}
"""As ontology/terms.ttl calls the concepts, which the mapping does not read."""


def goal_count_name(subject: URIRef, goal: int, context: Context) -> Triples:
    ja, en = f"ゴール{goal}の公表事業数", f"published projects of goal {goal}"
    yield from _named(subject, ja, en, context)


def balance_name(subject: URIRef, policy: str | None, item: Item, context: Context) -> Triples:
    ja, en = ITEMS[item]
    if policy is None:
        yield from _named(subject, f"全体の事業数：{ja}", f"projects in total: {en}", context)
    else:
        ja, en = f"基本施策{policy}の事業数：{ja}", f"projects of policy {policy}: {en}"
        yield from _named(subject, ja, en, context)


BASES = {
    "published": ("公表事業数", "published projects"),
    "listed": ("掲載事業数", "listed projects"),
    "stated": ("資料に記載の事業数", "projects stated by the document"),
    "curated": ("人が確認した事業数", "projects confirmed by a person"),
    "expected": ("期待事業数（推定）", "expected projects (estimated)"),
}
"""What a statistic counts, by its basis."""


def plan_statistic_name(subject: URIRef, basis: str, context: Context) -> Triples:
    ja, en = BASES[basis]
    yield from _named(subject, f"統計：計画の{ja}", f"statistics: {en} of the plan", context)


def goal_statistic_name(subject: URIRef, goal: int, basis: str, context: Context) -> Triples:
    ja, en = BASES[basis]
    yield from _named(
        subject, f"統計：ゴール{goal}の{ja}", f"statistics: {en}, goal {goal}", context
    )


def policy_statistic_name(subject: URIRef, policy: str, basis: str, context: Context) -> Triples:
    ja, en = BASES[basis]
    ja = f"統計：基本施策{policy}の{ja}"
    yield from _named(subject, ja, f"statistics: {en}, policy {policy}", context)


def unit_statistic_name(subject: URIRef, unit: str, context: Context) -> Triples:
    ja, en = BASES["listed"]
    yield from _named(subject, f"統計：{unit}の{ja}", f"statistics: {en}, {unit}", context)


def target_name(subject: URIRef, key: str, order: int, context: Context) -> Triples:
    ja, en = f"事業{key}の計画値{order}", f"target {order} of project {key}"
    yield from _named(subject, ja, en, context)


BUDGETS = {
    BudgetKind.INITIAL: ("当初予算", "initial budget"),
    BudgetKind.REVISED: ("補正後予算", "revised budget"),
    BudgetKind.SETTLED: ("決算", "spending"),
    BudgetKind.UNSPECIFIED: ("予算", "budget"),
}


def budget_name(
    subject: URIRef, key: str, kind: BudgetKind, year: int, context: Context
) -> Triples:
    ja, en = BUDGETS[kind]
    ja, en = f"事業{key}の{year}年度の{ja}", f"{en} of project {key} for fiscal {year}"
    yield from _named(subject, ja, en, context)


def budget_total_name(
    subject: URIRef, policy: str | None, kind: BudgetKind, year: int, context: Context
) -> Triples:
    ja, en = BUDGETS[kind]
    ja = f"{'計画' if policy is None else f'基本施策{policy}'}の{year}年度の{ja}の合計"
    en = f"{en} of {'the plan' if policy is None else f'policy {policy}'} for fiscal {year}, total"
    yield from _named(subject, ja, en, context)


VALUES = {
    ValueKind.BASE: ("基準値", "base value"),
    ValueKind.TARGET: ("目標値", "target value"),
    ValueKind.ACTUAL: ("実績値", "actual value"),
}


def indicator_name(subject: URIRef, key: str, order: int, context: Context) -> Triples:
    yield from _named(
        subject, f"事業{key}の指標{order}", f"indicator {order} of project {key}", context
    )


def value_name(
    subject: URIRef, key: str, order: int, value: IndicatorValue, context: Context
) -> Triples:
    ja, en = VALUES[value.kind]
    if value.year is not None:
        ja, en = f"{value.year}年度{ja}", f"{en} for fiscal {value.year}"
    ja, en = f"事業{key}の指標{order}の{ja}", f"{en} of indicator {order} of project {key}"
    yield from _named(subject, ja, en, context)


def achievement_name(subject: URIRef, key: str, context: Context) -> Triples:
    yield from _named(subject, f"事業{key}の達成度・実績", f"achievement of project {key}", context)


def grade_name(subject: URIRef, notation: str, context: Context) -> Triples:
    yield from _named(subject, f"達成度「{notation}」", f"grade “{notation}”", context)


def rejection_name(subject: URIRef, key: str, goal: int, context: Context) -> Triples:
    ja = f"事業{key}とゴール{goal}の関連付けの却下"
    en = f"rejection of the link of project {key} to goal {goal}"
    yield from _named(subject, ja, en, context)


def link_name(subject: URIRef, key: str, goal: int, context: Context) -> Triples:
    ja, en = f"事業{key}とゴール{goal}の関連付け", f"link of project {key} to goal {goal}"
    yield from _named(subject, ja, en, context)


def policy_goal_name(subject: URIRef, policy: str, goal: int, context: Context) -> Triples:
    ja = f"基本施策{policy}とゴール{goal}の関連付け"
    yield from _named(subject, ja, f"link of policy {policy} to goal {goal}", context)


def candidate_name(subject: URIRef, key: str, goal: int, context: Context) -> Triples:
    ja = f"事業{key}とゴール{goal}の関連付けの推定"
    yield from _named(subject, ja, f"estimated link of project {key} to goal {goal}", context)


def expected_count_name(subject: URIRef, unit: str, goal: int, context: Context) -> Triples:
    ja = f"{unit}のゴール{goal}の期待事業数"
    yield from _named(subject, ja, f"expected projects of goal {goal}: {unit}", context)


def change_name(subject: URIRef, name: str, context: Context) -> Triples:
    yield from _named(subject, f"見直し一覧の「{name}」", f"review list: “{name}”", context)


def note_name(subject: URIRef, order: int, context: Context) -> Triples:
    yield from _named(subject, f"注記{order}", f"note {order}", context)


def _named(subject: URIRef, ja: str, en: str, context: Context) -> Triples:
    year = context.settings.year
    texts = {"ja": f"{ja}（{year}年度）", "en": f"{en}, fiscal {year}"}
    yield from labels(subject, RDFS.label, texts)
