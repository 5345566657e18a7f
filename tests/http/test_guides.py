"""The guides: every command in them runs, in both languages, and their pages show them safely."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg.release import current_release
from kg.resources import guides_dir
from server.pages.guides import EXAMPLE_ADDRESS, guide_of
from tests.http.conftest import REPOSITORY, Server
from tests.http.reading import BROWSER, ENGLISH

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN_S = 120
GUIDES = sorted(path.name.removesuffix(".md") for path in guides_dir().glob("*.md"))


def blocks(name: str) -> Iterator[tuple[str, str]]:
    yield from BLOCK.findall((guides_dir() / f"{name}.md").read_text(encoding="utf-8"))


def test_every_guide_is_there_in_both_languages_with_the_same_commands() -> None:
    names = {name.partition(".")[0] for name in GUIDES}
    assert {f"{name}.{language}" for name in names for language in ("ja", "en")} == set(GUIDES)
    for name in names:
        both = [
            [(kind, re.sub(r'LANG\(\?city\) = "\w\w"', "", text)) for kind, text in blocks(one)]
            for one in (f"{name}.ja", f"{name}.en")
        ]
        assert both[0] == both[1], name


@pytest.mark.parametrize("name", [name for name in GUIDES if not name.startswith("publish")])
def test_every_command_of_a_guide_runs(
    name: str, koriyama_server: Server, tmp_path: Path, needs_debian: Callable[[str, str], str]
) -> None:
    kinds = set()
    for kind, text in blocks(name):
        kinds.add(kind)
        if kind == "ini":  # a setting of another program
            continue
        text = text.replace(EXAMPLE_ADDRESS, koriyama_server.url)
        command = {
            "sh": ["bash", "-euo", "pipefail", "-c", text],
            "python": [sys.executable, "-c", text],
            "r": [needs_debian("Rscript", "r-base-core") if kind == "r" else "", "-e", text],
        }[kind]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=RUN_S, check=False
        )
        assert done.returncode == 0, f"{text}\n{done.stderr}"
        assert done.stdout.strip() or "-o " in text, text
    assert "sh" in kinds


def filled_in(path: Path) -> None:
    """The template as a made-up town fills it in, see tests/test_template.py."""
    filled = runpy.run_path(str(REPOSITORY / "tests/test_template.py"))["filled_in"]
    filled().save(path)


@pytest.mark.parametrize("name", ["publish.ja", "publish.en"])
def test_a_plan_is_published_as_the_guide_says(name: str, tmp_path: Path) -> None:
    """Between the commands the test does what the guide asks a person for."""
    (tmp_path / "examples").mkdir()
    shutil.copy(REPOSITORY / "examples/template.xlsx", tmp_path / "examples")
    program = tmp_path / ".venv/bin/sdgplan"
    program.parent.mkdir(parents=True)
    code = "from kg.cli import main; main()"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{code}' \"$@\"\n", encoding="utf-8")
    program.chmod(0o755)
    settings = tmp_path / "data/plans/reishi-2026/plan.toml"
    commands = [text for kind, text in blocks(name) if kind == "sh"]
    assert len(commands) == 4
    for number, command in enumerate(commands):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command], cwd=tmp_path, capture_output=True,
            text=True, timeout=RUN_S, check=False, env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        if number == 0:
            filled_in(tmp_path / "plan.xlsx")
        if number == 1:
            text = settings.read_text(encoding="utf-8")
            for mark, value in (
                ('code = "?"', 'code = "990019"\nmade_up = true'),
                ('name = { ja = "?" }', 'name = { ja = "例市（架空）" }'),
                ('slug = "?"', 'slug = "kyodo"'),
                ('licence = "?"', 'licence = "https://creativecommons.org/licenses/by/4.0/"'),
            ):
                assert mark in text
                text = text.replace(mark, value)
            settings.write_text(text, encoding="utf-8")
    release = current_release(tmp_path / "var")
    assert [plan["projects"] for plan in release.manifest["plans"]] == [4]


@pytest.mark.parametrize("name", [name.removesuffix(".ja") for name in GUIDES if ".ja" in name])
def test_a_guide_is_a_page_with_the_address_of_the_service(pages: FlaskClient, name: str) -> None:
    for language, headers in (("ja", BROWSER), ("en", ENGLISH)):
        guide = guide_of(name, language)
        assert guide is not None
        answer = pages.get(f"/guides/{name}", headers=headers)
        assert answer.status_code == 200
        assert f"<h1>{guide.title}</h1>" in answer.text
        assert answer.text.count("<h1") == 1
        assert guide.title in pages.get("/guides", headers=headers).text
    english = pages.get(f"/guides/{name}?lang=en", headers=BROWSER).text
    assert all(
        "lang=en" in link for link in re.findall(r'<a href="(/(?:ns|queries)[^"]*)"', english)
    )


def test_there_is_no_other_guide(pages: FlaskClient) -> None:
    for name in ("nothing", "..%2Fguide", "query.ja"):
        assert pages.get(f"/guides/{name}", headers=BROWSER).status_code == 404


def test_a_page_says_nothing_of_an_example_address(pages: FlaskClient) -> None:
    text = pages.get("/guides/query", headers=BROWSER).text
    assert "in the repository" not in text and "make serve" not in text
    assert 'class="language-python"' in text and "<table>" in pages.get("/guides/harvest").text
