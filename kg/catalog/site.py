"""The IRIs and addresses of one service, and who runs it: all that a description needs to know.

IRIs start with `base_iri` and stay when the server moves; addresses start with `public_url`.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from rdflib import URIRef

from kg.figures import Own
from kg.settings import Settings


@dataclass(frozen=True, slots=True)
class Site:
    """See the module; made by `site_of`."""

    base_iri: str
    public_url: str
    operator_name: str
    operator_contact: str
    operator_type: str
    licence_titles: tuple[tuple[str, str], ...]

    def iri(self, path: str) -> URIRef:
        """A thing of this publisher."""
        return URIRef(f"{self.base_iri}{path}")

    def url(self, path: str) -> URIRef:
        """A page, file or endpoint of this server."""
        return URIRef(f"{self.public_url}{path}")

    def page(self, iri: str) -> URIRef:
        """The page about a thing."""
        return self.url(f"doc/{iri.removeprefix(self.base_iri)}")

    @property
    def own(self) -> Own:
        return Own(self.base_iri, self.public_url)

    @property
    def catalog(self) -> URIRef:
        return self.iri("catalog")

    @property
    def publisher(self) -> URIRef:
        return self.iri("catalog#publisher")

    @property
    def contact(self) -> URIRef:
        return self.iri("catalog#contact")

    @property
    def data_service(self) -> URIRef:
        """The SPARQL endpoint as a dcat:DataService."""
        return self.iri("catalog#sparql")

    @property
    def endpoint(self) -> URIRef:
        """The SPARQL endpoint itself, and its description."""
        return self.url("sparql")

    @property
    def publisher_name(self) -> str:
        """Who runs the service; without a name in the settings, the host it runs on."""
        return self.operator_name or urlsplit(self.public_url).netloc

    @property
    def contact_url(self) -> URIRef:
        """A mail address or page for questions; without one in the settings, this service."""
        contact = self.operator_contact or self.public_url
        is_mail = "@" in contact and ":" not in contact
        return URIRef(f"mailto:{contact}" if is_mail else contact)


def site_of(settings: Settings) -> Site:
    """The site that the settings describe."""
    return Site(
        base_iri=settings.base_iri,
        public_url=settings.public_url,
        operator_name=settings.operator_name,
        operator_contact=settings.operator_contact,
        operator_type=settings.operator_type,
        licence_titles=tuple(
            (iri, title.strip())
            for iri, _, title in (entry.partition(" ") for entry in settings.licence_titles)
        ),
    )
