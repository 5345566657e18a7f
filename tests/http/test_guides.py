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


def test_the_figures_of_the_tests_of_estimates_are_those_that_were_measured() -> None:
    measured = (REPOSITORY / "docs/candidates.md").read_text(encoding="utf-8")

    def f1(plans: str, way: str) -> str:
        (found,) = re.findall(rf"^\| {plans} \| {way} \| ([\d.]+)% \| [\d.–]+%? \|", measured, re.M)
        return str(found)

    ways = ("words and totals", "words alone", "totals alone", "random")
    for language in ("ja", "en"):
        text = (guides_dir() / f"estimates.{language}.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| (\d+) % \| (.*) \|$", text, re.M)
        assert rows == [
            (overlap, " | ".join(f1(f"{overlap}%", way) for way in ways))
            for overlap in ("100", "60", "30", "0")
        ]
        (line,) = [line for line in text.split("\n") if "85.2" in line]
        assert re.findall(r"\d\d\.\d", line) == [f1("examples", way) for way in ways]
        for number in ("1,339", "2,874", "0.69", "0.65", "0.74"):
            assert number in text and number in measured


@pytest.mark.parametrize(
    "path",
    ["doc/072036/plan/kyodo-2/2021/project/63", "goals/11", "doc/072036/unit/858c572f",
     "doc/072036/plan/kyodo-2/2021?goal=candidate-11", "queries/cq02", "compare?m=072036",
     "doc/072036/plan/kyodo-2/2021/project/63/sdg-candidate/11", "search?q=%E6%B0%B4"],
)  # fmt: skip
def test_every_caveat_of_estimates_leads_to_the_tests(pages: FlaskClient, path: str) -> None:
    for language, name in (
        ("ja", "推定のしかたと別の計画での検証"),
        ("en", "How links are estimated, and tests on other plans"),
    ):
        address = f"/{path}{'&' if '?' in path else '?'}lang={language}"
        answer = pages.get(address, headers=BROWSER)
        assert answer.status_code == 200
        assert f'<a href="/guides/estimates?lang={language}">{name}</a>' in answer.text
