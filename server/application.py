"""Putting the application together: blueprints, headers, errors, pages."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from kg.events import EventLog
from kg.settings import Settings
from server import (
    catalog,
    changes,
    charts,
    compare,
    description,
    discovery,
    dumps,
    examples,
    feed,
    history,
    quality,
    report,
    resources,
    search,
    sparql,
)
from server.context import Context, context
from server.engine import Engine
from server.engine_remote import RemoteEngine
from server.errors import register_error_handlers
from server.headers import register_headers
from server.hooks import EXTENSION, Hooks
from server.metrics import Metrics
from server.operations import Watched, register_operations
from server.queries import Queries
from server.rate import RateLimit
from server.tally import Tally

PAGES = "server.pages"


def create_app(settings: Settings, var: Path) -> Flask:
    """See `server.create_app`."""
    rate_limit = RateLimit(settings)  # first: it may refuse the settings
    app = Flask("server", static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    engine = RemoteEngine(settings, var) if settings.is_remote else Engine(settings, var)
    connections = Tally()
    here = Context(settings, engine, rate_limit, EventLog(var))
    app.config["MAX_CONTENT_LENGTH"] = here.most_body_bytes
    app.extensions[EXTENSION] = {
        "hooks": Hooks(),
        "context": here,
        "connections": connections,
    }
    metrics = Metrics(engine, connections)
    register_operations(app, metrics)
    register_error_handlers(app)
    register_headers(app)
    modules = (sparql, resources, dumps, history, changes, feed, description, catalog, discovery)
    for module in (*modules, report, quality, search, charts, compare, examples):
        app.register_blueprint(module.blueprint)
    pages = importlib.util.find_spec(PAGES)
    if pages is not None and pages.origin is not None:  # no origin: a folder without code
        importlib.import_module(PAGES).register(app)
    queries = Queries(app.wsgi_app, here, metrics)
    app.wsgi_app = Watched(queries, here)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops
        )
    return app


def close_app(app: Flask) -> None:
    """End the query workers of the application and wait until they are gone."""
    with app.app_context():
        context().engine.close()
