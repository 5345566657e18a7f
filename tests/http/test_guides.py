"""The guides: every command in them runs, in both languages, and their pages show them safely."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg.resources import guides_dir
from server.pages.guides import EXAMPLE_ADDRESS, guide_of
from tests.http.conftest import Server
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
