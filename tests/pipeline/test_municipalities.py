"""Codes of municipalities: the list itself, and the code of plan.toml held against it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.checking import check_plan
from kg.cli import main
from kg.codes import read_codes
from kg.municipalities import called, municipalities, with_code
from kg.plan_settings import check_digit
from kg.settings import Settings
from tests.pipeline.documents import FOLDER


def test_the_list_is_complete_and_its_rows_hold_together() -> None:
    everyone = municipalities()
    today = [one for one in everyone if one.until is None]
    assert len({one.code for one in today}) == len(today) == 1741 + 47
    names = {row["code"]: row["name_ja"] for row in read_codes("prefectures")}
    for one in everyone:
        assert one.code[5] == check_digit(one.code), one
        assert one.prefecture == names[one.code[:2]], one
        assert (one.until is None) == (one.successor == ""), one
        assert one.until is None or with_code(one.successor), one
    order = [(one.code, one.until is None) for one in everyone]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("郡山市", ["072036"]),
        ("福島県郡山市", ["072036"]),
        ("黒川郡富谷町", ["044237"]),
        ("北広島市", ["012343"]),
        ("大和郡山市", ["292036"]),
        ("府中市", ["132063", "342084"]),
        ("福島県", ["070009"]),
        ("例市", []),
    ],
)
def test_names_are_found_with_and_without_what_stands_before_them(
    name: str, codes: list[str]
) -> None:
    assert [one.code for one in called(name)] == codes


def told(tmp_path: Path, code: str, name: str, year: int = 2021) -> list[str]:
    folder = tmp_path / "plan"
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
    text = (FOLDER / "plan.toml").read_text(encoding="utf-8")
    text = text.replace('"072036"', f'"{code}"').replace('ja = "郡山市"', f'ja = "{name}"')
    text = text.replace("fiscal_year = 2021", f"fiscal_year = {year}")
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    found = check_plan(folder, Settings(), "shacl").problems
    return [f"{p.code}: {p.statement}; {p.expected}" for p in found if p.code.startswith("code-")]


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        (
            "072044",
            "郡山市",
            "code-name: [municipality] code and name do not fit each other: the code is that of "
            "072044 (いわき市, 福島県); 072036 (郡山市, 福島県)",
        ),
        (
            "072036",
            "郡上市",
            "code-name: [municipality] code and name do not fit each other: the code is that of "
            "072036 (郡山市, 福島県); 212199 (郡上市, 岐阜県)",
        ),
        (
            "072036",
            "府中市",
            "code-name: [municipality] code and name do not fit each other: the code is that of "
            "072036 (郡山市, 福島県); 132063 (府中市, 東京都) or 342084 (府中市, 広島県)",
        ),
        (
            "221317",
            "浜松市中区",
            "code-unknown: [municipality] code is the code of no municipality; "
            "221309 (浜松市, 静岡県)",
        ),
        (
            "072168",
            "例市",
            "code-unknown: [municipality] code is the code of no municipality; "
            'a name that the list has; it has none like "例市"',
        ),
        (
            "044237",
            "富谷町",
            "code-retired: [municipality] code and name were in use until 2016-10-09, before the "
            "year of the plan; 042161 (富谷市, 宮城県)",
        ),
        (
            "282219",
            "篠山市",
            "code-retired: [municipality] code and name were in use until 2019-04-30, before the "
            "year of the plan; 282219 (丹波篠山市, 兵庫県)",
        ),
    ],
)
def test_a_code_that_is_not_the_municipality_s_is_told_with_the_right_one(
    tmp_path: Path, code: str, name: str, expected: str
) -> None:
    assert told(tmp_path, code, name) == [expected]


def test_a_code_that_was_in_use_in_the_plan_s_year_is_right(tmp_path: Path) -> None:
    assert told(tmp_path, "044237", "富谷町", 2016) == []
    assert told(tmp_path, "044237", "富谷町", 2017) != []
    assert told(tmp_path, "072036", "福島県郡山市") == []


def test_the_code_of_a_made_up_municipality_is_not_looked_up() -> None:
    assert not [one for one in municipalities() if int(one.code[:2]) > 47]
    folder = FOLDER.parents[2] / "examples/plans/reishi-0001-2021"
    assert check_plan(folder, Settings(), "shacl").problems == ()


def new(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["new", *map(str, arguments)])
    return done.exit_code, done.output


def test_new_fills_in_the_municipality_of_a_code(tmp_path: Path) -> None:
    assert new("072036", FOLDER / "plan.md", "--out", tmp_path / "a")[0] == 0
    text = (tmp_path / "a" / "plan.toml").read_text(encoding="utf-8")
    assert (
        "[municipality]\n"
        "# コオリヤマシ, 福島県; by data/codes/municipalities.csv\n"
        'code = "072036"\n'
        '# an English name is welcome: en = "Rei City"\n'
        'name = { ja = "郡山市" }\n'
    ) in text
    assert new("072044", FOLDER / "plan.md", "--out", tmp_path / "b")[0] == 0
    text = (tmp_path / "b" / "plan.toml").read_text(encoding="utf-8")
    assert "# ? the document seems to name another, 郡山市, in line 3\n" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("072037", FOLDER / "plan.md"), "072037 is the code of no municipality. Expected: one"),
        (("044237", FOLDER / "plan.md"), "044237 is the code of no municipality. Expected: one"),
        (("072036", "x", FOLDER / "plan.md"), "Expected a document, or a code and a document."),
        (("nowhere.csv",), "There is no file nowhere.csv."),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused(
    tmp_path: Path, arguments: tuple[str | Path, ...], said: str
) -> None:
    code, output = new(*arguments, "--out", tmp_path / "new")
    assert code == 2
    assert said in output
    assert not (tmp_path / "new").exists()
