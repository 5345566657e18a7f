"""Settings of the service and of one plan: read once, told exactly when they cannot be read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kg.errors import PlanRefused, SettingsError
from kg.plan_settings import check_digit, corporate_check_digit, read_plan_settings
from kg.settings import ServiceEndpoint, Settings
from tests.pipeline.documents import FOLDER


def settings(folder: Path, text: str = "", **environment: str) -> Settings:
    (folder / "sdgplan.toml").write_text(text, encoding="utf-8")
    return Settings.from_environment(folder, environment)


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    found = settings(tmp_path, "query_timeout_s = 20\nthreads = 8\n", SDGPLAN_QUERY_TIMEOUT_S="10")
    assert (found.query_timeout_s, found.threads, found.result_limit_mib) == (10, 8, 256)


def test_lists_are_separated_by_commas_in_the_environment(tmp_path: Path) -> None:
    found = settings(tmp_path, SDGPLAN_LANGUAGES="en, ja")
    assert found.languages == ("en", "ja")


def test_endpoints_for_service_are_urls_and_may_allow_private_addresses(tmp_path: Path) -> None:
    listed = 'service_allowlist = ["https://a/sparql", { url = "http://b/", allow_private = true }]'
    expected = (ServiceEndpoint("https://a/sparql"), ServiceEndpoint("http://b/", True))
    assert settings(tmp_path, listed).service_allowlist == expected
    variable = "https://a/sparql, http://b/ allow_private"
    found = settings(tmp_path, SDGPLAN_SERVICE_ALLOWLIST=variable)
    assert found.service_allowlist == expected
    for wrong in (
        '"https://a/"',
        '["ftp://a/"]',
        '["https://user@a/"]',
        '["a"]',
        '[{ url = "http://b/", private = true }]',
        '[{ url = "http://b/", allow_private = 1 }]',
    ):
        with pytest.raises(SettingsError, match="service_allowlist is "):
            settings(tmp_path, f"service_allowlist = {wrong}")
    with pytest.raises(SettingsError, match='expected a URL, or a URL and "allow_private"'):
        settings(tmp_path, SDGPLAN_SERVICE_ALLOWLIST="http://b/ private")


def test_the_public_url_ends_in_a_slash(tmp_path: Path) -> None:
    found = settings(tmp_path, 'public_url = "https://data.example"')
    assert found.public_url == "https://data.example/"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("query_timeout = 3", "query_timeout is not a setting; the nearest is query_timeout_s."),
        ('query_timeout_s = "3"', 'query_timeout_s is "3"; expected whole seconds, such as 30.'),
        ("languages = [1]", "languages is [1]; expected a list of texts."),
        ("x = ", "is not readable as TOML"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("base_iri", "example/"), ("base_iri", "https://example.org"), ("public_url", "ftp://x/"),
     ("query_timeout_s", 0), ("query_workers", -1), ("languages", ("fr",))],
)  # fmt: skip
def test_a_setting_out_of_its_range_is_refused(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["072036", "011002", "131016", "112011", "472115", "271403"])
def test_the_check_digit_of_a_municipality_code(code: str) -> None:
    assert check_digit(code) == code[5]


def test_the_check_digit_of_a_corporate_number() -> None:
    assert corporate_check_digit("9000020072036") == "9"


def problems(tmp_path: Path, old: str, new: str) -> list[str]:
    """The codes of the problems of Koriyama's plan.toml with some words replaced."""
    folder = tmp_path / "plan"
    shutil.copytree(FOLDER, folder)
    path = folder / "plan.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PlanRefused) as caught:
        read_plan_settings(folder)
    return [problem.code for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('code = "072036"', 'code = "072037"', "code-invalid"),
        ('code = "072036"', "code = 72036", "key-form"),
        ("9000020072036", "8000020072036", "corporate-number-invalid"),
        ('slug = "kyodo-2"', 'slug = "協働"', "slug-invalid"),
        ("fiscal_year = 2021", "fiscal_year = 3", "year-invalid"),
        ('file = "plan.md"', 'file = "../plan.md"', "file-name"),
        ('icons = "spaces"', 'icons = "guess"', "icons-unknown"),
        ("licenses/by/4.0/", "licenses/by/3.0/", "licence-unknown"),
        ('status = "published"', 'status = "withdrawn"', "status-incomplete"),
        ("sws.geonames.org/2112139/", "x/a b", "iri-form"),
        ('licence = "unknown"', 'licence = "javascript:alert(1)"', "iri-form"),
        ('ja = "郡山市"', 'ja = "郡\\u0000山市"', "toml-characters"),
        ('code = "072036"', 'code = "072036"\nmade_up = true', "code-made-up"),
        ("[dataset]", "[dataset", "toml-unreadable"),
        ("[dataset]", "[columns]\nx = 1\n[dataset]", "free-table-form"),
        ("[dataset]", "[colums]\nx = 1\n[dataset]", "table-unknown"),
        ("publish_texts = true", "publish_text = true", "key-unknown"),
        ('version = "1"', "", "key-missing"),
        ("received = 2026-11-24", "received = 2026-11-25", "date-later"),
        ("issued = 2026-11-24", "issued = 2026-11-25", "date-later"),
        ("issued = 2026-11-24", "issued = 2026-11-24\nwithdrawn = 2026-11-25", "date-later"),
    ],
)
def test_each_fault_of_plan_toml_is_told(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert problems(tmp_path, old, new) == [code]


def test_a_wrong_check_digit_is_told_with_the_right_one(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    shutil.copytree(FOLDER, folder)
    text = (folder / "plan.toml").read_text(encoding="utf-8").replace("072036", "072037", 1)
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PlanRefused) as caught:
        read_plan_settings(folder)
    assert "for 07203 it would be 072036" in str(caught.value)


def test_a_folder_without_settings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanRefused) as caught:
        read_plan_settings(tmp_path)
    assert [problem.code for problem in caught.value.problems] == ["toml-missing"]


@pytest.mark.parametrize("url", ["remote", "ftp://x/", "http://u:p@x/sparql", "http://x/#a", ""])
def test_a_store_that_is_no_endpoint_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="store is"):
        Settings(store=url)


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(Settings(store_password="secret"))
