"""What several tests of the pipeline start from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.pipeline.documents import FOLDER, REISHI


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with the plans of Koriyama and 例市."""
    for folder in (FOLDER, REISHI):
        shutil.copytree(folder, tmp_path / "data" / "plans" / folder.name)
    return tmp_path / "data"
