"""The pages for people: HTML in Japanese and English over the same resources as the data.

Addresses are those of the data; a page is what a browser gets there. Nothing needs a script,
nothing comes from another host. Texts: `server/templates/`, English: `server/translations/`.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, request, send_from_directory

from server.hooks import EXTENSION, Hooks
from server.pages import (
    accessibility,
    change_lists,
    changes,
    compare,
    endpoint,
    examples,
    goals,
    guides,
    model,
    problems,
    quality,
    report,
    resource,
    search,
    shapes,
    start,
    vocabulary,
)
from server.pages.frame import STATIC, register_frame, version_of
from server.pages.language import register_language
from server.pages.page_cache import register_page_cache

STATIC_AGE_S = 86400
UNCHANGING = "public, max-age=31536000, immutable"
"""For a file that is asked for by the hash of its content, as `asset` writes addresses."""


def register(app: Flask) -> None:
    """Plug the pages into the routes, and add `/` and `/static/…`."""
    register_language(app)
    register_frame(app)
    register_page_cache(app)
    blueprint = Blueprint("pages", __name__)
    blueprint.add_url_rule("/", "start", start.start_page)
    blueprint.add_url_rule("/goals", "goals", goals.goals_page)
    blueprint.add_url_rule("/goals/<int:number>", "goal", goals.goal_page)
    blueprint.add_url_rule("/accessibility", "accessibility", accessibility.accessibility_page)
    blueprint.add_url_rule("/static/<path:name>", "static", _static)
    blueprint.add_url_rule("/ns/model-<language>-<size>.svg", "model", model.model_svg)
    guides.register_guides(blueprint)
    change_lists.register_change_lists(blueprint)
    app.register_blueprint(blueprint)
    hooks: Hooks = app.extensions[EXTENSION]["hooks"]
    hooks.document = resource.document_page
    hooks.endpoint = endpoint.endpoint_page
    hooks.vocabulary = vocabulary.vocabulary_page
    hooks.shapes = shapes.shapes_page
    hooks.changes = changes.changes_page
    hooks.report = report.report_page
    hooks.quality = quality.quality_page
    hooks.examples = examples.examples_page
    hooks.example = examples.example_page
    hooks.search = search.search_page
    hooks.compare = compare.compare_page
    hooks.error = problems.error_page


def _static(name: str) -> Response:
    response = send_from_directory(STATIC, name, max_age=STATIC_AGE_S)
    if request.args.get("v") == version_of(name):
        response.headers["Cache-Control"] = UNCHANGING
    return response
