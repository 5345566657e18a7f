"""/changes: the lists that lead to what each plan changed, and values that are no targets."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask.testing import FlaskClient

from tests.http.reading import BROWSER, words
from tests.http.test_year_changes import CHANGED, SAME, page, section


def test_values_that_a_document_calls_estimates_are_told_apart(demo: FlaskClient) -> None:
    """No targets, so in no count of them; a project with such a change has not changed in
    nothing."""
    text = page(demo, CHANGED["reishi"])
    told = section(text, "targets")
    years = demo.get(f"/changes/{CHANGED['reishi']}/2021.json").json["years"]  # type: ignore[index]
    pairs = [pair for one in years["carried_on"] for pair in one["estimates"]]
    changed = [p for p in pairs if p["from"]["value"] != p["to"]["value"]]
    assert pairs and changed
    assert all(p["from"]["is_estimate"] or p["to"]["is_estimate"] for p in pairs)
    assert (
        "どちらかの年度が推定で、両年度に同じ名称と単位で載っているものは"
        f"{len(pairs)}件（値が変わったもの{len(changed)}件、"
        f"同じもの{len(pairs) - len(changed)}件）です。"
    ) in told
    rows = text.partition("値が変わった資料の推定値")[2].partition("</table>")[0]
    assert rows.count("<tr") == len(changed) + 1 and rows.count("資料の推定</span>") >= len(changed)
    kept = section(text, "carried-on")
    assert kept.count("資料の推定値 1件") == len(changed)
    table = demo.get(f"/changes/{CHANGED['reishi']}/2021.csv").text
    cells = [row["changed_estimates"] for row in csv.DictReader(io.StringIO(table))]
    assert len([cell for cell in cells if cell]) == len(changed)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_all_changes_are_listed_and_led_to_from_every_page(
    demo: FlaskClient, language: str
) -> None:
    footer = demo.get(f"/?lang={language}", headers=BROWSER).text.partition("<footer")[2]
    assert f'href="/changes?lang={language}"' in footer or 'href="/changes"' in footer
    text = demo.get(f"/changes?lang={language}", headers=BROWSER).text
    linked = set(re.findall(r'href="/changes/(\d{6}/[a-z0-9-]+/\d{4})', text))
    places = ["072036/kyodo-2/2021"]
    for place in (*CHANGED.values(), SAME):
        places += [f"{place}/2020", f"{place}/2021"]
    assert linked == set(places)
    own = demo.get(f"/changes/482013?lang={language}", headers=BROWSER).text
    found = re.findall(r'href="/changes/(\d{6}/[a-z0-9-]+/\d{4})', own)
    assert found == ["482013/kyodo-2/2021", "482013/kyodo-2/2020"]
    unknown = "前年度の一覧は未収録です" if language == "ja" else "The list of the year before"
    assert words(own).count(unknown) == 1


@pytest.mark.parametrize("path", ["999999", "072036/kyodo-2", "072036/none/2021", "072036/x/y/z"])
def test_what_has_no_changes_is_not_found(demo: FlaskClient, path: str) -> None:
    assert demo.get(f"/changes/{path}", headers=BROWSER).status_code == 404
