"""Harvests of a catalogue with CKAN's own harvester (reader.py), and what changed between two.

A portal's rule, as the harvester has it: the guid tells which dataset is meant; one that it does
not know is new, one that it knows is written over, one that is missing is deleted.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
READER = HERE / "reader.py"
DATA = HERE / "data"
GOLDEN = HERE / "golden"
HARVEST_ENDS_S = 120
"""A harvest that takes longer is ended: the harvester waits without end for a silent server."""

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HarvestedDataset:
    """A dataset as the harvester would import it: CKAN's dict, and CKAN's objections to it."""

    guid: str
    name: str
    record: Record
    name_errors: list[str]
    tag_errors: dict[str, list[str]]
    schema_errors: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One request that the harvester made, and what came back."""

    method: str
    url: str
    status: int
    content_type: str | None


@dataclass(frozen=True, slots=True)
class Harvest:
    """What came of one harvest. `deleted` is empty unless a portal was harvested into again."""

    datasets: tuple[HarvestedDataset, ...]
    requests: tuple[Request, ...]
    deleted: tuple[str, ...]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def guids(self) -> list[str]:
        """The guid of each dataset, in the order the harvester met them."""
        return [dataset.guid for dataset in self.datasets]

    def dataset(self, guid: str) -> HarvestedDataset:
        """The one dataset with that guid; ValueError if there are none or two."""
        (found,) = (dataset for dataset in self.datasets if dataset.guid == guid)
        return found


class Harvester(Protocol):
    """`harvest_with` once it has its Python."""

    def __call__(
        self,
        url: str,
        locale: str = "en",
        *,
        portal: Path | None = None,
        in_request: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> Harvest: ...


@dataclass(frozen=True, slots=True)
class Changes:
    """The guids that a second harvest adds to a portal, writes anew, and deletes; each sorted."""

    new: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


def harvest_with(
    python: Path,
    url: str,
    locale: str = "en",
    *,
    portal: Path | None = None,
    in_request: bool = False,
    settings: Mapping[str, str] | None = None,
) -> Harvest:
    """Harvest the catalogue at `url` into a portal of that locale, with the Python that has CKAN.

    `portal` is the folder of a portal to harvest into again; without one it is a new portal.
    `in_request` gives CKAN's own texts in the portal's locale, see reader.py. `settings` are of
    CKAN's configuration. AssertionError with the reader's words if it failed.
    """
    options = ["--locale", locale]
    options += ["--portal", str(portal)] if portal else []
    options += ["--in-request"] if in_request else []
    for key, value in (settings or {}).items():
        options += ["--set", f"{key}={value}"]
    done = subprocess.run(
        [python, READER, *options, url],
        # neither proxies nor CKAN_* of the environment have a say
        env={"PATH": os.environ["PATH"], "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=HARVEST_ENDS_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return Harvest(
        datasets=tuple(HarvestedDataset(**dataset) for dataset in told["datasets"]),
        requests=tuple(Request(**request) for request in told["requests"]),
        deleted=tuple(told["deleted"]),
        errors=tuple(told["errors"]),
        warnings=tuple(told["warnings"]),
    )


def _plain(value: Any) -> Any:
    """The value with lists of texts or dicts sorted, and with lists that CKAN keeps as JSON read.

    The order of numbers has a meaning: they are coordinates.
    """
    if isinstance(value, str) and value.startswith(("[", "{")):
        try:
            value = json.loads(value)
        except ValueError:
            return value
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if not key.endswith("_ref")}
    if isinstance(value, list) and all(isinstance(each, str | dict) for each in value):
        return sorted(map(_plain, value), key=lambda each: json.dumps(each, sort_keys=True))
    return value


def content_of(record: Record) -> Record:
    """What a record says, whatever the order of tags, resources and extras; extras by their key.

    Left out is what the parser notes for itself (`distribution_ref`, `access_service_ref`), which
    is new at every reading where a node is blank.
    """
    content: Record = _plain(record)
    content["extras"] = {extra["key"]: extra["value"] for extra in content["extras"]}
    return content


def changes(before: Harvest, after: Harvest) -> Changes:
    """What the second harvest changes in a portal that holds the first."""
    old = {dataset.guid: content_of(dataset.record) for dataset in before.datasets}
    new = {dataset.guid: content_of(dataset.record) for dataset in after.datasets}
    return Changes(
        new=tuple(sorted(new.keys() - old.keys())),
        updated=tuple(sorted(guid for guid in new.keys() & old.keys() if new[guid] != old[guid])),
        deleted=tuple(sorted(old.keys() - new.keys())),
    )
