"""Requests to the endpoints that SERVICE may call: nowhere else, and within limits.

The address is looked up once, checked and then connected to, so that a name cannot change what
it stands for between the two. Redirects are not followed, proxies of the environment not used.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import urllib3
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import BaseHTTPResponse
from urllib3.util import Timeout

from kg.program import VERSION
from kg.settings import ServiceEndpoint
from server.nesting import MOST_NESTED, Nesting

CHUNK_BYTES = 1 << 16
CONNECT_S = 10.0
"""Longest time to reach an endpoint, in seconds."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class EndpointFailed(Exception):
    """Another endpoint gave no answer that may be used; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long, until a moment of the monotonic clock, and how much an answer may take."""

    until: float
    size_bytes: int
    _open: set[socket.socket] = field(default_factory=set)

    def end(self) -> None:
        """End the calls under way: an answer that trickles would hold them past every limit."""
        for connection in list(self._open):
            with suppress(OSError):  # it has ended by itself
                connection.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def watched(self, pool: HTTPConnectionPool) -> Iterator[None]:
        """Let connections of the pool end with the time that is allowed."""
        mine: list[socket.socket] = []

        class Watched(pool.ConnectionCls):  # type: ignore[misc, name-defined]
            def _new_conn(connection) -> socket.socket:  # noqa: N805
                made: socket.socket = super()._new_conn()
                mine.append(made.dup())  # TLS takes over the one that was made
                self._open.update(mine)
                return made

        pool.ConnectionCls = Watched
        timer = threading.Timer(self.left_s, self.end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            for connection in mine:
                self._open.discard(connection)
                connection.close()

    @property
    def left_s(self) -> float:
        return max(self.until - time.monotonic(), 0.001)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, also one that carries another."""
    found: _Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        elif int(found) >> 32 == 0:  # ::/96, an IPv4 address in an old way
            return False
        else:
            found = found.ipv4_mapped or found.sixtofour or found
    return found.is_global and not found.is_multicast


def address_of(endpoint: ServiceEndpoint) -> tuple[str, int]:
    """The address and port to connect to. Raises EndpointFailed for a private or unknown one.

    Every address that the name stands for has to be public, unless the entry allows others.
    """
    parts = urlsplit(endpoint.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EndpointFailed(f"<{endpoint.url}> cannot be found: {error}.") from error
    addresses = [str(entry[4][0]) for entry in found]
    private = [address for address in addresses if not is_public(address)]
    if private and not endpoint.allow_private:
        raise EndpointFailed(
            f"<{endpoint.url}> stands for {private[0]}, which is not a public address."
        )
    return addresses[0], port


@contextmanager
def asked(
    endpoint: ServiceEndpoint, body: bytes, headers: Mapping[str, str], allowed: Allowance
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The media type and the chunks of the answer to a POST, decompressed.

    Raises EndpointFailed, also from the chunks: unreachable, another status than 200,
    too slow, too large, nested too deep.
    """
    address, port = address_of(endpoint)
    parts = urlsplit(endpoint.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {**headers, "Host": parts.netloc, "User-Agent": f"jp-sdgplan/{VERSION}"}
    pool: HTTPConnectionPool
    if parts.scheme == "https":
        name = parts.hostname
        pool = HTTPSConnectionPool(address, port, server_hostname=name, assert_hostname=name)
    else:
        pool = HTTPConnectionPool(address, port)
    with pool, allowed.watched(pool):
        timeout = Timeout(total=allowed.left_s, connect=min(CONNECT_S, allowed.left_s))
        try:
            response = pool.urlopen(
                "POST",
                target,
                body=body,
                headers=sent,
                timeout=timeout,
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise EndpointFailed(f"<{endpoint.url}> did not answer: {_said(error)}.") from error
        try:
            if response.status != 200:
                raise EndpointFailed(_refusal(endpoint.url, response))
            media_type = response.headers.get("Content-Type", "")
            nesting = Nesting() if "json" in media_type.lower() else None
            yield media_type, _chunks(endpoint, response, allowed, nesting)
        finally:
            response.close()


def _chunks(
    endpoint: ServiceEndpoint,
    response: BaseHTTPResponse,
    allowed: Allowance,
    nesting: Nesting | None,
) -> Iterator[bytes]:
    size = 0
    try:
        for chunk in response.stream(CHUNK_BYTES, decode_content=True):
            size += len(chunk)
            if size > allowed.size_bytes:
                raise EndpointFailed(
                    f"<{endpoint.url}> answers with more than {allowed.size_bytes >> 20} MiB."
                )
            if nesting is not None and nesting.is_too_deep(chunk):
                raise EndpointFailed(
                    f"<{endpoint.url}> answers with brackets nested more than {MOST_NESTED} deep."
                )
            if time.monotonic() > allowed.until:
                raise EndpointFailed(f"<{endpoint.url}> did not finish its answer in time.")
            yield chunk
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise EndpointFailed(f"<{endpoint.url}> broke off its answer: {_said(error)}.") from error


def _refusal(url: str, response: BaseHTTPResponse) -> str:
    if 300 <= response.status < 400:
        where = response.headers.get("Location", "nowhere")
        return f"<{url}> redirects to {where[:200]}; redirects are not followed."
    return f"<{url}> answered {response.status} {response.reason or ''}".rstrip() + "."


def _said(error: Exception) -> str:
    """What went wrong, without the names of objects that urllib3 puts before it."""
    text = str(error.args[-1] if error.args else error)
    return text.rpartition("): ")[2].rstrip(".")[:200] or type(error).__name__
