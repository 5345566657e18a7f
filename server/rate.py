"""How often one address may ask: `rate_limit`, counted in the memory of the one front process."""

from __future__ import annotations

import ipaddress
import math
import time

import limits
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from kg.errors import SettingsError
from kg.settings import Settings
from server.errors import HttpProblem

NETWORK_BITS = 64
"""An IPv6 visitor owns at least this network, so its addresses count as one."""


class RateLimit:
    """Counts requests by address; built once for an application."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError if `rate_limit` is neither empty nor like "120/minute"."""
        self._counts_loopback = settings.trusted_proxies > 0
        self._limit: limits.RateLimitItem | None = None
        if settings.rate_limit.strip():
            try:
                self._limit = limits.parse(settings.rate_limit)
            except ValueError as error:
                raise SettingsError(
                    f'rate_limit is "{settings.rate_limit}"; '
                    'expected a number and a time, such as "120/minute", or "" for no limit.'
                ) from error
            self._counts = MovingWindowRateLimiter(MemoryStorage())

    def check(self, address: str | None) -> None:
        """Count one request of the address. Raises HttpProblem 429 with Retry-After past the limit.

        Loopback is not counted, unless proxies are trusted: then it is no visitor's address.
        """
        if self._limit is None:
            return
        key = self._key(address or "")
        if key is None or self._counts.hit(self._limit, key):
            return
        reset = self._counts.get_window_stats(self._limit, key).reset_time
        wait_s = max(1, math.ceil(reset - time.time()))
        raise HttpProblem(
            429,
            "Too many requests",
            f"This service answers {self._limit} to one address; ask again in {wait_s} seconds. "
            "Whole graphs are files under /dumps/.",
            {"Retry-After": str(wait_s)},
        )

    def _key(self, text: str) -> str | None:
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            return text
        if isinstance(address, ipaddress.IPv6Address):
            if address.ipv4_mapped is None:
                if address.is_loopback and not self._counts_loopback:
                    return None
                return str(ipaddress.ip_network((address, NETWORK_BITS), strict=False))
            address = address.ipv4_mapped
        return None if address.is_loopback and not self._counts_loopback else str(address)
