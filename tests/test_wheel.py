"""A wheel, installed elsewhere, has all it needs: code, ontology, code tables, templates."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGED = ("kg", "server", "ontology", "data/codes", "docs/guides")
FILES = ("pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel was unpacked, far from the repository."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "repository"
    leave_out = shutil.ignore_patterns("__pycache__", "node_modules", "frontend")
    for name in PACKAGED:
        shutil.copytree(ROOT / name, copy / name, ignore=leave_out)
    for name in FILES:
        shutil.copy(ROOT / name, copy / name)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, copy],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    shutil.rmtree(copy)
    return folder / "site"


def packaged_files(source: str, target: str) -> dict[str, Path]:
    """Path in the wheel -> file of the repository, for data files below a folder."""
    return {
        f"{target}/{path.relative_to(ROOT / source).as_posix()}": path
        for path in (ROOT / source).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }


def test_every_data_file_is_in_the_wheel_unchanged(site: Path) -> None:
    expected = (
        packaged_files("ontology", "kg/_ontology")
        | packaged_files("data/codes", "kg/_codes")
        | packaged_files("docs/guides", "kg/_guides")
    )
    for folder in ("templates", "translations", "static"):
        expected |= packaged_files(f"server/{folder}", f"server/{folder}")
    assert "kg/_ontology/terms.ttl" in expected
    wrong = [
        name
        for name, path in expected.items()
        if not (site / name).is_file() or (site / name).read_bytes() != path.read_bytes()
    ]
    assert wrong == []


def test_the_installed_packages_find_their_files_from_any_folder(
    site: Path, tmp_path: Path
) -> None:
    script = (
        "import kg.resources as r, kg.release, kg.store, server\n"
        "print(kg.__file__, r.ontology_dir(), r.codes_dir(), sep='\\n')\n"
        "assert (r.ontology_dir() / 'terms.ttl').is_file()\n"
        "assert (r.codes_dir() / 'headings.csv').is_file()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    kg = site / "kg"
    lines = [str(kg / "__init__.py"), str(kg / "_ontology"), str(kg / "_codes")]
    assert done.stdout.splitlines() == lines


def test_the_command_is_declared(site: Path) -> None:
    (entry_points,) = site.glob("jp_sdgplan-*.dist-info/entry_points.txt")
    assert entry_points.read_text(encoding="utf-8") == (
        "[console_scripts]\nsdgplan = kg.cli:main\n"
    )
