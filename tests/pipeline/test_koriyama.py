"""What must be read from the real document; the figures are those of the specification."""

from __future__ import annotations

import hashlib
from collections import Counter
from decimal import Decimal

from kg.records import Item, Status, TargetKind
from tests.pipeline.documents import FOLDER, LINES, koriyama

PROJECTS = {project.number: project for project in koriyama().projects}


def test_the_document_is_the_one_that_was_received() -> None:
    digest = hashlib.sha256((FOLDER / "plan.md").read_bytes()).hexdigest()
    assert digest == "f132be32d13f359c8f7b738b4e5e4b18ca23d7f9de664d26c450de5e1d1d16c5"
    assert koriyama().sha256 == digest
    assert koriyama().line_count == 210


def test_72_projects_are_numbered_without_a_gap() -> None:
    assert [project.number for project in koriyama().projects] == list(range(1, 73))


def test_every_project_row_is_found_at_its_line() -> None:
    for project in koriyama().projects:
        row = LINES[project.lines[0] - 1]
        assert row.startswith(f"| {project.number} |")
        assert project.printed_name in row
        assert project.printed_unit in row


def test_each_policy_has_its_projects() -> None:
    assert [(p.number, p.origin.line) for p in koriyama().policies] == [
        ("1", 77), ("2", 86), ("3", 94), ("4", 105), ("5", 129), ("6", 157), ("7", 188)
    ]  # fmt: skip
    assert koriyama().policies[5].name == "市民等が持つ資源を生かしたまちづくり"
    counts = Counter(project.policy for project in koriyama().projects)
    assert [counts[str(n)] for n in range(1, 8)] == [5, 4, 5, 15, 9, 19, 15]


def test_31_units_stand_in_a_tree_of_45_under_13_top_units() -> None:
    plan = koriyama()
    assert len({project.unit for project in plan.projects}) == 31
    assert len(plan.units) == 45
    tops = Counter(project.unit.path[0] for project in plan.projects if project.unit)
    assert tops == {
        "総務部": 5, "政策開発部": 8, "市民部": 11, "こども部": 3, "教育総務部": 7, "環境部": 1,
        "保健福祉部": 13, "農林部": 8, "建設交通部": 3, "上下水道局": 1, "産業観光部": 8,
        "文化スポーツ部": 2, "学校教育部": 2,
    }  # fmt: skip
    three = {p.unit.path for p in plan.projects if p.unit and len(p.unit.path) == 3}
    assert three == {
        ("保健福祉部", "保健所", "健康政策課"),
        ("保健福祉部", "保健所", "保健・感染症課"),
    }


def test_units_with_two_endings_in_their_names_are_split_once() -> None:
    paths = {project.unit.path for project in koriyama().projects if project.unit}
    assert {
        ("政策開発部", "政策開発課"), ("学校教育部", "学校教育推進課"),
        ("保健福祉部", "保健福祉総務課"), ("市民部", "市民・NPO活動推進課"),
        ("上下水道局", "総務課"), ("教育総務部", "中央公民館"), ("環境部", "環境保全センター"),
        ("学校教育部", "総合教育支援センター"),
    } <= paths  # fmt: skip


def test_one_unit_printed_in_two_spellings_is_one() -> None:
    change = next(c for c in koriyama().changes if c.origin.line == 57)
    assert change.printed_unit == "政策開発部 D X 戦略課"
    assert change.unit == PROJECTS[11].unit
    assert change.unit is not None
    assert change.unit.path == ("政策開発部", "DX戦略課")


def test_the_icons_of_all_projects_add_up_to_121() -> None:
    counts = [project.icon_count or 0 for project in koriyama().projects]
    assert sum(counts) == 121
    assert Counter(counts) == {1: 36, 2: 28, 3: 5, 4: 2, 6: 1}
    assert PROJECTS[63].icon_count == 6
    per_policy: Counter[str | None] = Counter()
    for project in koriyama().projects:
        per_policy[project.policy] += project.icon_count or 0
    assert [per_policy[str(n)] for n in range(1, 8)] == [10, 5, 6, 23, 12, 29, 36]


def test_continuation_rows_add_their_icon_to_the_row_above() -> None:
    assert (PROJECTS[45].icon_count, PROJECTS[45].lines) == (4, (168, 169))
    assert (PROJECTS[70].icon_count, PROJECTS[70].lines) == (4, (207, 208))
    assert all(len(p.lines) == 1 for n, p in PROJECTS.items() if n not in (45, 70))


def test_an_icon_counts_in_whichever_of_the_merged_columns_it_stands() -> None:
    assert PROJECTS[50].icon_count == 1
    assert PROJECTS[51].icon_count == 1


def test_the_balance_is_read_in_spite_of_its_shifted_header() -> None:
    cells = {(b.policy, b.item): b.count for b in koriyama().balances}
    policies = [str(n) for n in range(1, 8)]
    assert [cells[p, Item.CURRENT] for p in policies] == [5, 4, 5, 15, 9, 19, 15]
    assert [cells[p, Item.PREVIOUS] for p in policies] == [5, 5, 7, 15, 9, 17, 16]
    assert [cells[p, Item.NEW_OR_ADDED] for p in policies] == [0, 0, 0, 0, 0, 3, 0]
    assert [cells[p, Item.COMPLETED_OR_ABOLISHED] for p in policies] == [0, 1, 1, 0, 0, 1, 0]
    assert [cells[p, Item.ROUTINE] for p in policies] == [0, 0, 0, 0, 0, 0, 1]
    assert [cells[p, Item.MERGED] for p in policies] == [0, 0, 1, 0, 0, 0, 0]
    assert {item: cells[None, item] for _, item in cells if (None, item) in cells} == {
        Item.CURRENT: 72, Item.NEW_OR_ADDED: 3, Item.PREVIOUS: 74,
        Item.COMPLETED_OR_ABOLISHED: 3, Item.ROUTINE: 1, Item.MERGED: 1,
    }  # fmt: skip
    assert len(cells) == 48
    assert koriyama().shifted_balance


def test_balance_cells_keep_what_is_printed() -> None:
    printed = {(b.policy, b.item): (b.cell_text, b.origin.line) for b in koriyama().balances}
    assert printed["2", Item.COMPLETED_OR_ABOLISHED] == ("△ 1", 17)
    assert printed["5", Item.NEW_OR_ADDED] == ("", 20)
    assert printed["3", Item.ROUTINE] == ("", 18)
    assert printed["6", Item.MERGED] == ("", 21)
    assert printed["1", Item.NEW_OR_ADDED] == ("-", 16)


def test_the_review_lists_have_3_new_and_5_ended_projects() -> None:
    changes = [(c.kind, c.policy, c.name, c.listed, c.origin.line) for c in koriyama().changes]
    assert changes == [
        (Status.NEW_OR_ADDED, "6", "こおりやまスポーツイノベーション事業", "40", 42),
        (Status.NEW_OR_ADDED, "6", "SDGs 推進全世代健康都市圏事業", "41", 43),
        (Status.NEW_OR_ADDED, "6", "農学研究成果活用推進事業", "43", 44),
        (Status.ABOLISHED, "2", "地域子ども教室事業", None, 55),
        (Status.MERGED, "3", "減災プロジェクト事業", None, 56),
        (Status.COMPLETED, "3", "Wi-Fi 環境整備事業", None, 57),
        (Status.COMPLETED, "6", "元気な遊びのひろば事業", None, 58),
        (Status.ROUTINE, "7", "児童生徒安全安心推進事業", None, 59),
    ]
    assert {n for n, p in PROJECTS.items() if p.status is Status.NEW} == {40, 41, 43}
    assert {p.status for n, p in PROJECTS.items() if n not in (40, 41, 43)} == {Status.CONTINUED}


def test_17_goal_totals_are_found_by_their_printed_names() -> None:
    counts = koriyama().goal_counts
    assert [c.goal for c in counts] == list(range(1, 18))
    assert [c.count for c in counts] == [12, 8, 8, 11, 3, 2, 0, 13, 4, 12, 13, 0, 7, 0, 0, 7, 21]
    assert counts[14].printed_label == "陸の豊かさを守ろう"
    assert counts[6].printed_label == "エネルギーをみんなにそしてクリーンに"
    assert [c.origin.line for c in counts] == [*range(65, 74), *range(65, 73)]


def test_published_totals_and_notes_are_found_at_their_lines() -> None:
    plan = koriyama()
    assert plan.project_count and plan.link_count
    assert (plan.project_count.count, plan.project_count.origin.line) == (72, 11)
    assert (plan.link_count.count, plan.link_count.origin.line) == (121, 61)
    assert [(note.text, note.origin.line) for note in plan.notes] == [
        (
            "追加は、2021 年度以前から実施している事業だが、"
            "本計画の趣旨に合致することから計画に追加",
            25,
        ),
        ("経常は、マネジメントサイクルによらず、経常的に実施する事業", 26),
    ]


def test_51_targets_stand_in_26_projects_and_35_are_numbers() -> None:
    targets = [t for p in koriyama().projects for t in p.targets]
    assert len(targets) == 51
    assert sum(1 for p in koriyama().projects if p.targets) == 26
    assert Counter(t.kind for t in targets) == {
        TargetKind.NUMERIC: 35, TargetKind.ACTIVITY: 13, TargetKind.REMARK: 2,
        TargetKind.ESTIMATE: 1,
    }  # fmt: skip
    assert {t.unit for t in targets if t.unit} == {
        "件", "回", "団体", "部", "試合", "種目", "施設", "校", "名", "社"
    }  # fmt: skip


def test_targets_are_read_whatever_separates_label_and_number() -> None:
    parts = {t.text: (t.label, t.value, t.unit) for p in koriyama().projects for t in p.targets}
    assert parts["市民活動サポートセンター相談対応件数 1,700件"] == (
        "市民活動サポートセンター相談対応件数", Decimal(1700), "件"
    )  # fmt: skip
    assert parts["水質保全活動回数5回"] == ("水質保全活動回数", Decimal(5), "回")
    assert parts["オンラインマッチング参加企業：5社"] == (
        "オンラインマッチング参加企業", Decimal(5), "社"
    )  # fmt: skip
    assert parts["生涯学習きらめきバンク→講師の登録件数 300件"] == (
        "生涯学習きらめきバンク→講師の登録件数", Decimal(300), "件"
    )  # fmt: skip
    assert parts["所有者等への助言又は指導による改善件数(単年) 15件"] == (
        "所有者等への助言又は指導による改善件数(単年)", Decimal(15), "件"
    )  # fmt: skip
    assert parts["こおりやま減災プロジェクト"] == (None, None, None)


def test_an_estimate_and_a_dated_promise_are_no_numeric_targets() -> None:
    dated, estimate = PROJECTS[72].targets
    assert (dated.kind, dated.due_year, dated.value) == (TargetKind.ACTIVITY, 2024, None)
    assert (estimate.kind, estimate.label, estimate.value, estimate.unit) == (
        TargetKind.ESTIMATE, "市単独S C配置校相談件数", Decimal(9000), "件"
    )  # fmt: skip
    assert [t.kind for t in PROJECTS[18].targets] == [TargetKind.REMARK, TargetKind.REMARK]


def test_funding_accounts_are_no_part_of_the_name() -> None:
    accounts = {n: p.account for n, p in PROJECTS.items() if p.account}
    assert accounts == {
        26: "水道事業", 66: "介護保険", 67: "介護保険", 68: "介護保険", 69: "介護保険"
    }  # fmt: skip
    assert PROJECTS[26].name == "猪苗代湖の水を守りたい事業"
    assert PROJECTS[26].printed_name == "猪苗代湖の水を守りたい事業【水道事業】"
    assert PROJECTS[30].name == "あすまち郡山推進事業 (スモールスタート支援事業)"
    assert PROJECTS[22].name == "こども総合支援センター「ニコニコ子ども館」事業"


def test_delivery_notes_stand_in_the_14_projects_that_have_them() -> None:
    noted = [n for n, project in PROJECTS.items() if project.delivery_notes]
    assert noted == [1, 2, 3, 5, 18, 34, 39, 40, 55, 56, 62, 63, 70, 72]
    assert PROJECTS[63].delivery_notes == ("再認証に向けた事前指導は、オンラインで実施します。",)


def test_plan_texts_keep_their_words_and_lose_only_html_left_overs() -> None:
    for project in koriyama().projects:
        assert project.description
        assert "<" not in project.description
    assert "はいかひのおそれ" in (PROJECTS[66].description or "")
    assert (PROJECTS[39].description or "").startswith("「音楽都市こおりやま」の")
