"""The tables that are published as CSV: their columns, what each holds, and whose words these are.

Column names are public. `kg/tables.py` fills them from triples, `kg/csvw.py` describes them.
"""

from __future__ import annotations

from dataclasses import replace

from kg.column_kinds import (
    COUNT,
    GOAL,
    NUMBER,
    Column,
    Table,
)
from kg.column_kinds import LINES as _LINES
from kg.column_kinds import PLAN_COLUMN as _PLAN
from kg.column_kinds import START as _START
from kg.column_kinds import concept_columns as _concept
from kg.column_kinds import iri_column as _iri
from kg.column_kinds import japanese_column as _japanese
from kg.measure_columns import ACHIEVEMENT, ACHIEVEMENTS, BUDGETS, INDICATORS
from kg.vocab import DCTERMS, ORG, PROV, SDG, SH, SKOS, SP

_STATED = Column("stated_goals", "原典記載のゴール", "goals that the document states", GOAL,
                 SP.statedSdgGoal, is_many=True)  # fmt: skip

_PROJECT = (
    *_START,
    Column("project_number", "事業番号", "number of the project", NUMBER, SP.number,
           is_required=True),
    _japanese("name", "事業名", "name", SKOS.prefLabel, is_required=True),
    _japanese("printed_name", "掲載名", "name as printed", SP.printedName),
    Column("policy_number", "施策番号", "number of the policy", "string", SKOS.notation,
           is_about="policy"),
    _japanese("policy_name", "基本施策", "policy", SKOS.prefLabel, about="policy"),
    _japanese("unit_path", "担当課（上から順に）", "responsible unit, from the top unit down",
              is_many=True),
    _japanese("printed_unit", "担当課（掲載表記）", "unit as printed", SP.printedUnit),
    *_concept("status", "区分", "listing status", SP.listingStatus, "status-"),
    _japanese("account_name", "会計区分", "funding account", SKOS.prefLabel, about="account"),
    Column("icon_count", "アイコン数", "number of goal icons", {**COUNT, "maximum": 17},
           SP.iconCount),
    _STATED,
    _japanese("targets", "計画値・取組（原文）", "planned targets and activities, as printed",
              is_many=True),
    _japanese("delivery_notes", "実施方法", "delivery notes", SP.deliveryNote, is_many=True),
    _japanese("description", "事業計画", "text of the plan", DCTERMS.description),
    _LINES,
    _iri("project", "事業のIRI", "project", is_required=True),
    _iri("policy", "基本施策のIRI", "policy", SP.policy),
    _iri("unit", "担当課のIRI", "responsible unit", SP.responsibleUnit),
    _iri("account", "会計区分のIRI", "funding account", SP.account),
    replace(_PLAN, predicate=SP.inPlan),
)  # fmt: skip
_DECIDED = (
    Column("curated_goals", "人手付与のゴール", "goals that a person decided", GOAL,
           SP.curatedSdgGoal, is_many=True),
    # no rows of the table of links: whoever counts those must not count a rejection
    Column("rejected_goals", "却下されたゴール", "goals that a person decided against; not links",
           GOAL, is_many=True),
    Column("sdg_goals", "数えてよいゴール", "goals that may be counted: stated and curated", GOAL,
           SP.sdgGoal, is_many=True),
    *_concept("link_basis", "関連付けの根拠", "basis of the goal links", SP.sdgLinkBasis, "basis-"),
)  # fmt: skip
_AFTER_STATED = _PROJECT.index(_STATED) + 1

_LINK = (
    *_START,
    Column("project_number", "事業番号", "number of the project", NUMBER, SP.number,
           is_about="project", is_required=True),
    _japanese("project_name", "事業名", "name of the project", SKOS.prefLabel, about="project"),
    Column("goal", "ゴール", "goal", GOAL, SP.linkedGoal, f"{SDG}{{goal}}", is_required=True),
    *_concept("basis", "根拠", "basis", SP.basis, "basis-"),
    _japanese("evidence", "根拠文", "evidence", SP.evidence, is_many=True),
    Column("agent", "付与者", "who decided", "string", DCTERMS.identifier, is_about="agent_iri"),
    Column("decided_at", "付与日時", "time of the decision", "dateTime", PROV.generatedAtTime),
    Column("confidence", "確度", "probability, of inferred links only",
           {"base": "decimal", "minimum": 0, "maximum": 1}, SP.confidence),
    _LINES,
    _iri("link", "関連付けのIRI", "goal link", is_required=True),
    _iri("project", "事業のIRI", "project", SP.linkedProject, is_required=True),
    _iri("agent_iri", "付与者のIRI", "who decided", PROV.wasAttributedTo),
    _PLAN,
)  # fmt: skip

# No cell is the value of a property: what is published as a statement is in the Turtle alone.
_CELL = (
    *_START,
    Column("project_number", "事業番号", "number of the project", NUMBER, is_required=True),
    _japanese("project_name", "事業名", "name of the project"),
    Column("icon_count", "アイコン数", "number of goal icons", {**COUNT, "maximum": 17}),
    Column("goal", "ゴール", "goal", GOAL, is_required=True),
    _japanese("goal_name", "ゴールの名称", "goal, name in Japanese", is_required=True),
    Column("basis", "根拠", "stated, curated, rejected, excluded (no link possible) or inferred",
           is_required=True),
    Column("probability", "確率（確かな関連付けは1）", "probability; 1 where the link is known",
           {"base": "decimal", "minimum": 0, "maximum": 1}, is_required=True),
    Column("chosen", "件数がすべて合う最も確からしい組合せ",
           "yes if in the most probable set of links that meets every published number"),
    Column("score", "語の手がかり（対数オッズ）", "what the words say, in log-odds", "decimal",
           is_required=True),
    _japanese("clues", "手がかりの語", "words that spoke for it", is_many=True),
    _iri("link", "関連付けのIRI", "goal link, whether recorded or not", is_required=True),
    _iri("project", "事業のIRI", "project", is_required=True),
    _PLAN,
)  # fmt: skip

_RESULT = (
    *_START,
    Column("constraint", "制約", "constraint", is_required=True),
    Column("severity", "重大度", "severity", "string", SH.resultSeverity,
           f"{SH}{{severity}}", is_required=True),
    _japanese("message_ja", "説明", "message in Japanese", SH.resultMessage),
    Column("message_en", "説明（英語）", "message in English", "string", SH.resultMessage,
           language="en"),
    _LINES,
    _iri("focus_node", "対象", "focus node", SH.focusNode, is_required=True),
    Column("value", "値", "value"),
    _iri("path", "プロパティ", "path", SH.resultPath),
    _iri("result", "結果のIRI", "result", is_required=True),
    _PLAN,
)  # fmt: skip

_UNIT = (
    *_START[:2],
    _japanese("name", "名称", "name", SKOS.prefLabel, is_required=True),
    _japanese("unit_path", "上から順に", "from the top unit down", is_many=True),
    *_concept("unit_type", "組織種別", "type of unit", ORG.classification, "unit-type-"),
    *_concept("authority", "執行機関", "executive body", SP.authority, "authority-"),
    _iri("unit", "組織のIRI", "unit", is_required=True),
    _iri("parent", "上の組織のIRI", "unit above", ORG.subOrganizationOf),
)

_TARGET = (
    *_START,
    Column("project_number", "事業番号", "number of the project", NUMBER, SP.number,
           is_about="project", is_required=True),
    Column("order", "順", "place in the text", NUMBER, SP.order, is_required=True),
    _japanese("text", "原文", "text as printed", SP.targetText, is_required=True),
    *_concept("kind", "種別", "kind", SP.targetKind, "target-"),
    _japanese("label", "指標名", "what is counted", SP.targetLabel),
    Column("value", "値", "value", "decimal", SP.targetValue),
    _japanese("value_unit", "単位", "unit of the value", SP.targetUnit),
    Column("due_fiscal_year", "期限年度", "due fiscal year", "gYear"),
    _LINES,
    _iri("target", "計画値のIRI", "target", is_required=True),
    _iri("project", "事業のIRI", "project", is_required=True),
    _PLAN,
)  # fmt: skip

_OBSERVATION = (
    *_START,
    Column("table", "表", "table of the document: goals, policies or total", is_required=True),
    Column("goal", "ゴール", "goal", GOAL, SP.dimGoal, f"{SDG}{{goal}}"),
    Column("policy_number", "施策番号", "number of the policy", "string", SKOS.notation,
           is_about="policy"),
    *_concept("item", "欄", "column of the table", SP.dimItem, "item-"),
    Column("projects", "事業数", "number of projects", COUNT, SP.projectCount, is_required=True),
    Column("cell_text", "セル表記", "cell as printed", "string", SP.cellText),
    _japanese("printed_label", "印字ラベル", "label as printed", SP.printedLabel),
    _LINES,
    _iri("observation", "観測のIRI", "observation", is_required=True),
    _iri("policy", "基本施策のIRI", "policy", SP.dimPolicy),
    replace(_PLAN, predicate=SP.dimPlan),
)  # fmt: skip

SOURCE = Table(
    "source", "文書に記載された事業", "Projects as the document states them",
    _PROJECT, ("project",), "project",
)  # fmt: skip
PLAN = Table(
    "plan", "事業（文書の記載と人の判断）",
    "Projects: what the document states and what people decided",
    (*_PROJECT[:_AFTER_STATED], *_DECIDED, *_PROJECT[_AFTER_STATED:]), ("project",), "project",
)  # fmt: skip
LINKS = Table(
    "links", "SDGsゴールとの関連付け（記載と人の判断）", "Goal links: stated and curated",
    _LINK, ("link",), "link", ((("project",), "projects", ("project",)),),
)  # fmt: skip
CANDIDATE = Table(
    "candidate", "SDGsゴールの候補（機械推定、全セル）",
    "Candidates of goal links, computed: every cell",
    _CELL, ("link",), "link",
)  # fmt: skip
REPORT = Table("report", "検証結果", "Validation results", _RESULT, ("result",), "result")
PROJECTS = replace(PLAN, name="projects", references=((("unit",), "units", ("unit",)),))
UNITS = Table("units", "組織", "Organizational units", _UNIT, ("unit",), "unit")
TARGETS = Table(
    "targets", "計画値・取組", "Planned targets and activities", _TARGET, ("target",), "target",
    ((("project",), "projects", ("project",)),),
)  # fmt: skip
COUNTS = Table("counts", "公表件数", "Published counts", _OBSERVATION, ("observation",),
               "observation")  # fmt: skip

DUMP_TABLES = {t.name: t for t in (PLAN, SOURCE, LINKS, REPORT, CANDIDATE, ACHIEVEMENT)}
"""The tables beside a plan's dumps; candidate and achievement only if there are any."""
EXPORT_TABLES = {
    table.name: table
    for table in (PROJECTS, UNITS, TARGETS, COUNTS, LINKS, BUDGETS, INDICATORS, ACHIEVEMENTS)
}
"""The tables of `sdgplan export`, over all plans."""
