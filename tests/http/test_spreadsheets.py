"""Every CSV of the service opened in a real spreadsheet program: Japanese intact, nothing run.

LibreOffice without a screen opens each file as its import dialog proposes, and saves it as flat
OpenDocument, whose cells are compared with the CSV.
"""

from __future__ import annotations

import csv
import io
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

from flask.testing import FlaskClient

from kg.export import export
from kg.release import Release, current_release

CONVERT_S = 240
AS_UTF_8 = "CSV:44,34,76,1"
"""Commas, double quotes, UTF-8, from row 1: what the import dialog has chosen already because of
the byte order mark; without a screen nothing looks for one."""
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
FORMULA = "=1+1 ＝不可"
QUERY = f"""SELECT ?text {{ VALUES ?text {{ "{FORMULA}" "郡山市、「例」" "改行\\nあり" }} }}"""
EMPTY = {
    "dump-links.csv",  # no decision yet
    *("export-achievements.csv", "export-budgets.csv", "export-indicators.csv"),
}
"""Tables without rows: the plans of the demonstration print nothing of the kind."""
ANSWERS = {
    "search": "/search?q=%E6%B0%B4&format=excel-csv",
    "compare": "/compare.csv?m=072036&m=502014&year=2021",
    "sparql": f"/sparql?format=excel-csv&query={quote(QUERY)}",
}


def written(demo: FlaskClient, release: Release, folder: Path) -> list[Path]:
    """The CSV files that the service gives, in one folder."""
    files = []
    for path in sorted((release.path / "dumps/072036/kyodo-2/2021").glob("*.csv")):
        files.append(folder / f"dump-{path.name}")
        files[-1].write_bytes(path.read_bytes())
    export(release, folder / "export")
    for path in sorted((folder / "export").glob("*.csv")):
        files.append(folder / f"export-{path.name}")
        files[-1].write_bytes(path.read_bytes())
    for name, address in ANSWERS.items():
        answer = demo.get(address)
        assert answer.status_code == 200, address
        files.append(folder / f"{name}.csv")
        files[-1].write_bytes(answer.data)
    return files


def cells(path: Path) -> list[list[str]]:
    """The texts of the first sheet; no cell may be a formula."""
    root = ElementTree.parse(path).getroot()
    sheet = next(root.iter(f"{_TABLE}table"))
    return [list(_row(row)) for row in sheet.iter(f"{_TABLE}table-row")]


def _row(row: ElementTree.Element) -> Iterator[str]:
    for cell in row.iter(f"{_TABLE}table-cell"):
        assert f"{_TABLE}formula" not in cell.attrib
        text = "\n".join(_text_of(part) for part in cell.iter(f"{_TEXT}p"))
        yield from [text] * min(int(cell.get(f"{_TABLE}number-columns-repeated", "1")), 64)


def _text_of(part: ElementTree.Element) -> str:
    # runs of blanks are elements
    found = part.text or ""
    for child in part:
        if child.tag == f"{_TEXT}s":
            found += " " * int(child.get(f"{_TEXT}c", "1"))
        found += _text_of(child) + (child.tail or "")
    return found


def test_every_csv_opens_in_a_spreadsheet(
    demo: FlaskClient,
    demo_var: Path,
    tmp_path: Path,
    needs_debian: Callable[[str, str], str],
) -> None:
    program = needs_debian("soffice", "libreoffice-calc")
    files = written(demo, current_release(demo_var), tmp_path)
    assert {"dump-plan.csv", "export-projects.csv", "compare.csv"} <= {f.name for f in files}
    out = tmp_path / "out"
    subprocess.run(
        [program, "--headless", "--norestore", f"-env:UserInstallation=file://{tmp_path}/profile",
         f"--infilter={AS_UTF_8}", "--convert-to", "fods", "--outdir", str(out), *map(str, files)],
        capture_output=True, timeout=CONVERT_S, check=True, env=os.environ | {"DISPLAY": ""},
    )  # fmt: skip
    for path in files:
        assert path.read_bytes().startswith(b"\xef\xbb\xbf"), path.name
        wanted = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
        found = cells(out / f"{path.stem}.fods")
        assert len(wanted) > 1 or path.name in EMPTY, path.name
        for number, row in enumerate(wanted):
            for place, text in enumerate(row):
                if not text.isascii():  # numbers and days may be shown in the reader's way
                    assert found[number][place].split() == text.split(), (path.name, number)


def test_a_text_that_looks_like_a_formula_stays_a_text(demo: FlaskClient) -> None:
    answer = demo.get(ANSWERS["sparql"])
    assert FORMULA not in answer.text.replace(f"'{FORMULA}", "")
    assert f"'{FORMULA}" in answer.text
