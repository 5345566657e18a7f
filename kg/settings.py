"""The settings of a service: one frozen value, read once at the edge and passed down.

Each field carries its meaning and unit; docs/reference/settings.md is written from them.
Sources, the later wins: the defaults, `sdgplan.toml`, `SDGPLAN_*` environment variables.
Settings of one plan are another file's matter (`kg/plan_settings.py`).
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kg.errors import SettingsError

ENVIRONMENT_PREFIX = "SDGPLAN_"
SETTINGS_FILE = "sdgplan.toml"
SHARED_BASE_IRI = "https://w3id.org/jp-sdgplan/id/"

OPERATOR_TYPES = (
    "", "Academia-ScientificOrganisation", "Company", "IndustryConsortium", "LocalAuthority",
    "NationalAuthority", "NonGovernmentalOrganisation", "NonProfitOrganisation",
    "PrivateIndividual(s)", "RegionalAuthority", "StandardisationBody", "SupraNationalAuthority",
)  # fmt: skip
"""ADMS's types of publishers (http://purl.org/adms/publishertype/…); empty = not stated."""


def _setting(default: Any, meaning: str, unit: str = "", is_shown: bool = True) -> Any:
    return field(default=default, metadata={"meaning": meaning, "unit": unit}, repr=is_shown)


def is_endpoint(url: str) -> bool:
    """Whether the text is a whole http or https URL without user name and fragment."""
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_plain = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    return bool(is_plain and has_port and not parts.fragment and not set(url) & set(' <>"{}|\\^`'))


@dataclass(frozen=True, slots=True)
class ServiceEndpoint:
    """An endpoint that SERVICE may call: by this exact URL, and at public addresses only.

    In sdgplan.toml a text or `{ url = "…", allow_private = true }`; in the environment the URL,
    and after a blank `allow_private`.
    """

    url: str
    allow_private: bool = False
    """Whether its name may stand for an address of this machine or of a private network."""

    def __post_init__(self) -> None:
        if not is_endpoint(self.url):
            expected = "an http or https URL without user name and fragment"
            raise _unfit("service_allowlist", self.url, expected)


@dataclass(frozen=True, slots=True)
class Settings:
    """How this service mints, builds and serves; `Settings()` is the documented default."""

    base_iri: str = _setting(
        SHARED_BASE_IRI, "start of every IRI this publisher mints; ends in / or #"
    )
    public_url: str = _setting(
        "http://localhost:8000/", "address under which visitors reach the server; starts every link"
    )
    operator_name: str = _setting("", "who runs this service, as shown on pages")
    operator_contact: str = _setting("", "mail address or page for reports; empty shows none")
    operator_type: str = _setting(
        "", "what kind of body that is, by the end of its IRI in ADMS, such as LocalAuthority"
    )
    store: str = _setting(
        "local", '"local": the release; or the URL of a remote SPARQL 1.1 endpoint that answers'
    )
    store_connections: int = _setting(8, "queries that a remote store gets at the same time")
    store_user: str = _setting("", "user name for the remote store; empty = none")
    store_password: str = _setting(
        "", "password of that user; better in the environment", is_shown=False
    )
    query_timeout_s: int = _setting(30, "longest run of one query", "seconds")
    query_memory_mib: int = _setting(1024, "address space a query may add to its worker", "MiB")
    memory_quads: int = _setting(
        1_500_000, "largest release, in quads, that query workers hold in memory"
    )
    query_workers: int = _setting(0, "query worker processes; 0 = one per processor core")
    result_limit_mib: int = _setting(256, "largest answer", "MiB")
    max_query_bytes: int = _setting(100_000, "longest query text", "bytes")
    max_query_depth: int = _setting(100, "deepest nesting of brackets in a query")
    service_allowlist: tuple[ServiceEndpoint, ...] = _setting(
        (), "endpoints that SERVICE may call: URLs, or { url, allow_private = true }"
    )
    licence_titles: tuple[str, ...] = _setting(
        (), 'titles of licences as portals list them: "IRI title", in place of the usual ones'
    )
    rate_limit: str = _setting("120/minute", 'requests per address; "" = no limit')
    trusted_proxies: int = _setting(0, "reverse proxies in front whose headers are believed")
    languages: tuple[str, ...] = _setting(("ja", "en"), "languages of pages, the first is default")
    threads: int = _setting(512, "connections read and answered at the same time; 503 beyond")
    request_deadline_s: int = _setting(20, "longest time a client may take to send", "seconds")
    response_deadline_s: int = _setting(900, "longest time a client may take to receive", "seconds")
    min_rate_bytes_s: int = _setting(
        8192, "slowest a client may receive, after 10 seconds", "bytes per second"
    )
    spool_limit_mib: int = _setting(4096, "all large answers being sent together", "MiB")
    log_level: str = _setting("info", "debug (with query texts), info, warning or error")
    max_projects: int = _setting(5000, "most projects one plan may list")
    max_document_mib: int = _setting(64, "largest document", "MiB")

    def __post_init__(self) -> None:
        if not self.base_iri.endswith(("/", "#")) or not urlsplit(self.base_iri).netloc:
            raise _unfit("base_iri", self.base_iri, "an absolute http(s) IRI that ends in /")
        if urlsplit(self.public_url).scheme not in ("http", "https"):
            raise _unfit("public_url", self.public_url, "an http or https URL")
        if not self.public_url.endswith("/"):
            object.__setattr__(self, "public_url", self.public_url + "/")
        listed = tuple(
            ServiceEndpoint(entry) if isinstance(entry, str) else entry
            for entry in self.service_allowlist
        )
        object.__setattr__(self, "service_allowlist", listed)
        for name in (
            "store_connections",
            "query_timeout_s",
            "query_memory_mib",
            "result_limit_mib",
            "max_query_bytes",
            "max_query_depth",
            "threads",
            "request_deadline_s",
            "response_deadline_s",
            "min_rate_bytes_s",
            "spool_limit_mib",
            "max_projects",
            "max_document_mib",
        ):
            if getattr(self, name) < 1:
                raise _unfit(name, getattr(self, name), "a whole number from 1")
        for name in ("memory_quads", "query_workers", "trusted_proxies"):
            if getattr(self, name) < 0:
                raise _unfit(name, getattr(self, name), "a whole number from 0")
        for entry in self.licence_titles:
            if not urlsplit(entry).scheme or " " not in entry.strip():
                raise _unfit("licence_titles", entry, "a licence IRI, a blank and its title")
        if self.operator_type not in OPERATOR_TYPES:
            known = ", ".join(filter(None, OPERATOR_TYPES))
            raise _unfit("operator_type", self.operator_type, f"empty or one of {known}")
        if self.log_level not in ("debug", "info", "warning", "error"):
            raise _unfit("log_level", self.log_level, "debug, info, warning or error")
        if self.is_remote and not is_endpoint(self.store):
            expected = '"local", or an http or https URL without user name and fragment'
            raise _unfit("store", self.store, expected)
        if self.is_remote and self.service_allowlist:
            # a remote store would call them itself, beyond the limits that are kept here
            expected = "none with a remote store"
            raise _unfit("service_allowlist", [e.url for e in self.service_allowlist], expected)
        if not self.languages or set(self.languages) - {"ja", "en"}:
            raise _unfit("languages", list(self.languages), '"ja", "en" or both')

    @property
    def is_remote(self) -> bool:
        """Whether queries are answered by a remote store."""
        return self.store != "local"

    @property
    def workers(self) -> int:
        """The number of query workers, with 0 read as one per core."""
        return self.query_workers or os.cpu_count() or 1

    @classmethod
    def from_environment(
        cls, directory: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> Settings:
        """The settings of the folder's sdgplan.toml and of the SDGPLAN_* variables.

        `directory` defaults to the working folder; an absent file means the defaults.
        Raises SettingsError for an unknown name or a value of the wrong form.
        """
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        path = (directory or Path()) / SETTINGS_FILE
        if path.is_file():
            values |= _from_file(path)
        for name in _fields():
            text = environment.get(ENVIRONMENT_PREFIX + name.upper())
            if text is not None:
                values[name] = _from_text(name, text)
        return cls(**values)


def _fields() -> dict[str, dataclasses.Field[Any]]:
    return {f.name: f for f in dataclasses.fields(Settings)}


def _from_file(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not readable as TOML: {error}.") from error
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name not in _fields():
            raise SettingsError(f"{path}: {name} is not a setting; {_known(name)}.")
        default = _fields()[name].default
        if name == "service_allowlist":
            values[name] = _endpoints(value, f"{path}: ")
            continue
        if isinstance(default, tuple):
            fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
        else:
            fits = type(value) is type(default)
        if not fits:
            raise _unfit(name, value, _expected(name), where=f"{path}: ")
        values[name] = tuple(value) if isinstance(default, tuple) else value
    return values


def _endpoints(entries: object, where: str) -> tuple[ServiceEndpoint, ...]:
    found = []
    for entry in entries if isinstance(entries, list) else [None]:
        table = {"url": entry} if isinstance(entry, str) else entry
        if (
            not isinstance(table, dict)
            or not isinstance(table.get("url"), str)
            or not isinstance(table.get("allow_private", False), bool)
            or set(table) - {"url", "allow_private"}
        ):
            expected = 'a list of URLs and of { url = "…", allow_private = true }'
            raise _unfit("service_allowlist", entries, expected, where)
        found.append(ServiceEndpoint(**table))
    return tuple(found)


def _endpoint(text: str) -> ServiceEndpoint:
    url, *words = text.split()
    if words not in ([], ["allow_private"]):
        raise _unfit("service_allowlist", text, 'a URL, or a URL and "allow_private"')
    return ServiceEndpoint(url, allow_private=bool(words))


def _from_text(name: str, text: str) -> Any:
    default = _fields()[name].default
    if name == "service_allowlist":
        return tuple(_endpoint(part) for part in text.split(",") if part.strip())
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if isinstance(default, int):
        if not text.strip().isdecimal():
            raise _unfit(ENVIRONMENT_PREFIX + name.upper(), text, _expected(name))
        return int(text)
    return text


def _known(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, _fields(), n=1, cutoff=0.0)
    return f"the nearest is {near[0]}"


def _expected(name: str) -> str:
    described = _fields()[name]
    if isinstance(described.default, tuple):
        return "a list of texts"
    if isinstance(described.default, int):
        unit = described.metadata["unit"]
        return f"whole {unit or 'number'}, such as {described.default}"
    return f"a text, such as {described.default!r}"


def _unfit(name: str, value: object, expected: str, where: str = "") -> SettingsError:
    shown = f'"{value}"' if isinstance(value, str) else repr(value)
    return SettingsError(f"{where}{name} is {shown}; expected {expected}.")
