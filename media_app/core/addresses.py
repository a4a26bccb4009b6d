"""URLs and IP addresses that somebody else chose, and whether a request may go there."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from media_app.core.special_addresses import is_public

MAX_URL = 2000
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.ASCII)
#: The end of a name that resolvers read as an IPv4 address in octal, hexadecimal or one number: no domain ends so.
_NUMBER = re.compile(r"(^|\.)(\d+|0x[0-9a-f]*)\.?\Z", re.ASCII)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadAddress(ValueError):
    """An address that Studio sends nothing to; the message says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart: `host` as it goes into DNS and TLS, `path` with its query."""

    secure: bool
    host: str
    port: int
    path: str


def read_url(url: str, *, plain_http: bool = False) -> Target:
    """Raises BadAddress, with a sentence, for everything but a plain https URL (or http, where that is allowed)."""
    if len(url) > MAX_URL or any(not "!" <= char <= "~" for char in url) or "\\" in url:
        raise BadAddress(f"A URL is at most {MAX_URL} printable ASCII characters without spaces or backslashes.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadAddress("This is not a URL.") from error
    schemes = ("https", "http") if plain_http else ("https",)
    if parts.scheme not in schemes:
        raise BadAddress("The URL must begin with https://.")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("A URL with a user name or password in it is not accepted.")
    host = (parts.hostname or "").lower()
    if not (_literal(host) or (_HOST.fullmatch(host) and not _NUMBER.search(host))):
        raise BadAddress("The URL has no host.")
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure, host, port if port is not None else 443 if secure else 80, path)


def refuse_address(address: str, port: int, *, allowed: Sequence[Network] = (), ports: Sequence[int] = (443,)) -> None:
    """Raise BadAddress for an IP address that is not one of the public internet, or for an unusual port of it.

    In the `allowed` networks, which the installation's owner names, any port will do.
    """
    try:
        plain = ipaddress.ip_address(address)
    except ValueError as error:
        raise BadAddress("The host's address cannot be read.") from error
    if getattr(plain, "scope_id", None):
        raise BadAddress("The host's address is one of this machine's own links.")
    if any(plain.version == network.version and plain in network for network in allowed):
        return
    if not is_public(plain):
        raise BadAddress("The host's address is private or reserved: Studio sends only to the public internet.")
    if port not in ports:
        raise BadAddress(f"Studio sends only to port {', '.join(map(str, ports))}.")


def _literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host
