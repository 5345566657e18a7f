"""What licences are called in short."""

from __future__ import annotations

LICENCE_NAMES = {
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0",
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0 1.0",
}


def licence_name(address: str) -> str:
    """The short name, else the address itself."""
    return LICENCE_NAMES.get(address, address)
