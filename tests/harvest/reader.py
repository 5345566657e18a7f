"""Reads a catalogue with CKAN's own harvester and prints what came of it as one JSON document.

Runs with the Python of `.venv-ckan` (`make ckan`; tests/harvest/requirements.lock), never with the
project's own: that one has no ckan. Nothing of the harvester is copied or replaced: CKAN's
application, the plugin `dcat_rdf` with its content reader, parser, paging, names and guids, and
its rule of what to delete are the real ones. Only the store beneath is SQLite for PostgreSQL, and
there is neither Solr nor Redis. So the gather stage runs whole, while the import stage, which
writes datasets, does not: the reader marks what it read as current, as that stage would.
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import ckan.model as model
import ckan.plugins as plugins
import ckanext.harvest.model as harvest_model
import requests
from ckan.config.middleware import make_app
from ckan.lib.navl.dictization_functions import validate
from ckan.lib.plugins import lookup_package_plugin
from ckan.logic.validators import name_validator, tag_length_validator, tag_name_validator
from ckan.plugins.toolkit import Invalid
from ckanext.harvest.logic.schema import unicode_safe
from ckanext.harvest.model import HarvestJob, HarvestObject, HarvestSource
from sqlalchemy import Column, MetaData, Table, create_engine
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles

REQUESTS_AT_MOST = 100
"""The harvester itself follows pages without end (ckan/ckanext-dcat#260)."""

NOBODY = "127.0.0.1:9"
"""An address where nothing listens, for the services that CKAN is to do without."""

TABLES = (
    model.SystemInfo.__table__,
    model.Package.__table__,
    HarvestSource.__table__,
    HarvestJob.__table__,
    HarvestObject.__table__,
    harvest_model.HarvestObjectExtra.__table__,
    harvest_model.HarvestGatherError.__table__,
    harvest_model.HarvestObjectError.__table__,
)


@compiles(JSONB, "sqlite")
def json_column(*_: Any, **__: Any) -> str:
    """SQLite's word for a column that PostgreSQL calls JSONB."""
    return "JSON"


def portal(folder: Path, locale: str, settings: dict[str, str]) -> Any:
    """A CKAN application whose store lies in `folder`; an empty folder is a portal just set up."""
    database = f"sqlite:///{folder / 'portal.sqlite'}"
    engine = create_engine(database)
    tables = MetaData()
    for table in TABLES:
        # without CKAN's checks and foreign keys: SQLite cannot say some of them
        columns = (Column(each.name, each.type, primary_key=each.primary_key) for each in table.c)
        Table(table.name, tables, *columns)
    tables.create_all(engine)
    engine.dispose()
    defaults = {
        "__file__": str(folder / "portal.ini"),
        "ckan.auth.create_unowned_dataset": "true",
        "SECRET_KEY": "only for tests, nothing is signed with it",
        "ckan.site_url": "https://portal.example",
        "ckan.locale_default": locale,
        "ckan.plugins": "harvest dcat dcat_rdf_harvester",
        "ckan.storage_path": str(folder),
        "ckan.redis.url": f"redis://{NOBODY}/0",
        "solr_url": f"http://{NOBODY}/solr",
        "sqlalchemy.url": database,
    }
    return make_app(defaults | settings)


class CountedSession(requests.Session):
    """A session of requests that notes every answer in `answers` and stops a walk without end."""

    answers: list[dict[str, Any]]

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        if len(self.answers) == REQUESTS_AT_MOST:
            raise SystemExit(f"The catalogue has no end: {REQUESTS_AT_MOST} requests were made.")
        answer = super().send(request, **options)
        self.answers.append(
            {
                "method": request.method,
                "url": request.url,
                "status": answer.status_code,
                "content_type": answer.headers.get("Content-Type"),
            }
        )
        return answer


class Warnings(logging.Handler):
    """Keeps what the harvester warns of, in order."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def job_for(url: str) -> HarvestJob:
    """A new job of the source with this URL, which is set up if the portal has none."""
    source = model.Session.query(HarvestSource).filter_by(url=url).first()
    if source is None:
        source = HarvestSource(url=url, type="dcat_rdf", title="catalogue")
        model.Session.add(source)
        model.Session.flush()
        # in CKAN a source is a package as well; its organisation becomes that of the datasets
        model.Session.add(model.Package(id=source.id, name="catalogue", type="harvest", url=url))
        model.Session.commit()
    job = HarvestJob(source=source)
    job.save()
    return job


def errors_of(value: str, *validators: Callable[[str, dict[str, Any]], str]) -> list[str]:
    """What CKAN's validators have against a value; empty if they take it."""
    errors = []
    for validator in validators:
        try:
            validator(value, {})
        except Invalid as error:
            errors.append(str(error.error))
    return errors


def schema_errors(record: dict[str, Any]) -> dict[str, Any]:
    """What CKAN's schema for new datasets has against a record, as the import stage would ask."""
    schema = lookup_package_plugin(None).create_package_schema()
    schema["id"] = [unicode_safe]
    context = {"model": model, "session": model.Session, "user": "", "ignore_auth": True}
    _, errors = validate(record | {"id": str(uuid4())}, schema, context)
    return dict(errors)


def told(record: dict[str, Any], guid: str) -> dict[str, Any]:
    """One dataset of the answer: guid, name, record, and what CKAN's validators say."""
    tags = {
        tag["name"]: errors_of(tag["name"], tag_length_validator, tag_name_validator)
        for tag in record["tags"]
    }
    return {
        "guid": guid,
        "name": record["name"],
        "record": record,
        "name_errors": errors_of(record["name"], name_validator),
        "tag_errors": {name: errors for name, errors in tags.items() if errors},
        "schema_errors": schema_errors(record),
    }


def gathered(url: str) -> dict[str, Any]:
    """What the harvester's gather stage makes of the catalogue; `main` tells of the keys."""
    harvester = plugins.get_plugin("dcat_rdf_harvester")
    job = job_for(url)
    warnings = Warnings()
    CountedSession.answers = []
    logging.getLogger("ckanext.dcat").addHandler(warnings)
    with mock.patch.object(requests, "Session", CountedSession):
        ids = harvester.gather_stage(job)
    objects = [model.Session.get(HarvestObject, id_) for id_ in ids]
    read = [each for each in objects if each.content is not None]
    for each in read:
        older = model.Session.query(HarvestObject).filter_by(guid=each.guid)
        older.update({"current": False})
        each.current = True
    model.Session.commit()
    return {
        "requests": CountedSession.answers,
        "datasets": [told(json.loads(each.content), each.guid) for each in read],
        "deleted": sorted(each.guid for each in objects if each.content is None),
        "errors": [error.message for error in job.get_gather_errors()],
        "warnings": warnings.texts,
    }


def main() -> None:
    """Print the JSON document.

    `requests`: method, URL, status and Content-Type of each, in order. `datasets`: guid, name and
    record of each as the harvester would import it, with what CKAN's validators have against the
    name, each tag, and (as its schema for new datasets) the whole record. `deleted`: guids that an
    earlier harvest into the same --portal had and this one lacks. `errors` and `warnings`: the
    harvester's own words. Ends with status 1 and a line on standard error where the harvester would
    never end, and with its traceback where it would crash.
    """
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--locale", default="en", help="the portal's default locale")
    parser.add_argument("--portal", type=Path, help="folder of a portal to harvest into again")
    parser.add_argument(
        "--in-request",
        action="store_true",
        help="with CKAN's own texts in the portal's locale, as `ckan harvester run-test` has them; "
        "the gather consumer of a running portal has them in English whatever the locale",
    )
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    asked = parser.parse_args()
    settings = dict(setting.split("=", 1) for setting in asked.set)
    logging.getLogger().addHandler(logging.NullHandler())
    with tempfile.TemporaryDirectory() as scratch:
        folder = (asked.portal or Path(scratch)).resolve()
        app = portal(folder, asked.locale, settings)
        with app._wsgi_app.test_request_context() if asked.in_request else nullcontext():
            answer = gathered(asked.url)
    print(json.dumps(answer, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
