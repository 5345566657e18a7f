"""The language of a page: chosen from the request, its catalogue read from the .po itself.

The texts in the templates are Japanese; `translations/en/LC_MESSAGES/messages.po` has the English
ones. The .po is read at start, so that nothing has to be compiled before a wheel is built.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request
from flask_babel import Babel, Domain, get_locale

from server.context import context

TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"
LANGUAGE_NAMES = {"ja": "日本語", "en": "English"}
"""Each in its own language, as the switch shows them."""


class _PoDomain(Domain):  # type: ignore[misc]
    """The catalogues by language; Japanese needs none."""

    def __init__(self) -> None:
        super().__init__()
        self._catalogs = {
            path.parts[-3]: _read_catalog(path)
            for path in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))
        }

    def get_translations(self) -> NullTranslations:
        return self._catalogs.get(str(get_locale()), NullTranslations())


def register_language(app: Flask) -> None:
    """Let templates and `gettext` speak the language of each request."""
    babel = Babel(app, default_locale="ja", locale_selector=page_language)
    babel.domain_instance = _PoDomain()


def page_language() -> str:
    """`ja` or `en`: by ?lang=, else by Accept-Language, else the first language of the service."""
    offered = context().settings.languages
    if not has_request_context():
        return offered[0]
    asked = asked_language()
    return asked or request.accept_languages.best_match(offered) or offered[0]


def asked_language() -> str | None:
    """The value of ?lang= if the service has that language."""
    value = request.args.get("lang", "")
    return value if value in context().settings.languages else None


def _read_catalog(path: Path) -> Translations:
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.parts[-3], domain="messages")
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
