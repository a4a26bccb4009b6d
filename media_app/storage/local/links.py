"""Signed URLs of the local store: what one allows is all inside its signature."""

import time
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.core import signing

from sessions_app.errors import StudioError

#: Where the signed URLs are mounted (`media_app/urls.py`).
URL_PATH = "/store/"

_SALT = "studio.storage.local"


class LinkRefused(StudioError):
    """The signature of a URL does not belong to what is asked for."""

    code = "link_refused"
    status = 403


class LinkExpired(LinkRefused):
    """The URL was good, and is too old."""

    code = "link_expired"


@dataclass(frozen=True, slots=True)
class Grant:
    """What one signed URL allows, all of it inside the signature. `expires_at` is in Unix seconds."""

    method: str
    key: str
    expires_at: int
    size: int | None = None
    content_type: str | None = None
    upload_id: str | None = None
    part: int | None = None
    filename: str | None = None

    def token(self) -> str:
        facts = {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}
        return signing.Signer(salt=_SALT).sign_object(facts)


def read_grant(token: str, method: str, key: str) -> Grant:
    """What the token allows. Raises LinkRefused unless signed here for this method and key, LinkExpired later."""
    try:
        grant = Grant(**signing.Signer(salt=_SALT).unsign_object(token))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise LinkRefused("This link was altered, or not made by this server: ask Studio for a new one.") from error
    if (grant.method, grant.key) != (method, key):
        raise LinkRefused(f"This link is for {grant.method} of another address: ask Studio for a new one.")
    if grant.expires_at < time.time():
        raise LinkExpired("This link has expired: ask Studio for a new one, and continue where you stopped.")
    return grant


def link(public_url: str, grant: Grant) -> str:
    """The URL that carries the grant."""
    query = urlencode({"grant": grant.token()})
    return f"{public_url.rstrip('/')}{URL_PATH}{quote(grant.key)}?{query}"
