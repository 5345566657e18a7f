"""How `server/frontend/` makes the query editor in `server/static/vendor/` out of a package."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.browser.editing import needs_editor

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "server" / "frontend"
VENDOR = ROOT / "server" / "static" / "vendor"
PACKAGES = {
    "@zazuko/yasgui-utils", "@zazuko/yasqe", "codemirror", "decode-uri-component", "dompurify",
    "events", "filter-obj", "lodash-es", "query-string", "split-on-first", "store",
    "strict-uri-encode",
}  # fmt: skip


@pytest.fixture(scope="module")
def bundle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bundle", FRONTEND / "bundle.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_lock_file_names_hashes_and_no_addresses() -> None:
    lock = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert "node_modules/@zazuko/yasgui" in packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    own = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", v) for v in own["dependencies"].values())


def test_a_package_that_changed_is_not_built(bundle: ModuleType) -> None:
    known = " ".join(old for old, _ in bundle.REPLACED)
    assert "eval" not in bundle.without_what_the_policy_forbids(known)
    with pytest.raises(SystemExit, match=r"yasqe has .*eval.* 0 times; expected 1\."):
        bundle.without_what_the_policy_forbids(known.replace("eval", "evil"))
    with pytest.raises(SystemExit, match=r" 2 times; expected 1\."):
        bundle.without_what_the_policy_forbids(known + known)


def test_a_package_without_its_licence_is_not_built(
    bundle: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "MODULES", tmp_path)
    about = {"name": "silent", "version": "1.0.0", "license": "MIT", "author": "Someone"}
    (tmp_path / "silent").mkdir()
    (tmp_path / "silent" / "package.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(SystemExit, match="silent has no licence text"):
        bundle.licences(["silent"])
    (tmp_path / "silent" / "LICENCE.md").write_text("Do as you like.", encoding="utf-8")
    title = "silent 1.0.0 (MIT)"
    assert bundle.licences(["silent"]).endswith(f"\n\n{title}\n{'-' * 18}\nDo as you like.\n")


@needs_editor
def test_the_built_script_runs_no_text_and_has_no_style_in_markup() -> None:
    script = (VENDOR / "yasqe.js").read_text(encoding="utf-8")
    assert re.findall(r"\beval\(|\bnew Function\b|\bFunction\(`|style='|style=\"", script) == []
    assert "sourceMappingURL" not in script
    assert "url(" not in (VENDOR / "yasqe.css").read_text(encoding="utf-8")


@needs_editor
def test_the_licence_of_everything_in_the_editor_lies_beside_it() -> None:
    text = (VENDOR / "LICENSES.txt").read_text(encoding="utf-8")
    titles = re.findall(r"^(\S+) [\d.]+ \(.+\)\n-+$", text, re.M)
    assert set(titles) == PACKAGES and len(titles) == len(PACKAGES)
    assert text.count("Permission is hereby granted") == len(PACKAGES) - 1  # dompurify: MPL, Apache
    assert "Mozilla Public License" in text and "Marijn Haverbeke" in text
