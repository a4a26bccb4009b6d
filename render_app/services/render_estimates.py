"""What past renders took, as an estimate takes it."""

from typing import Any

from media_app.core import kinds
from media_app.models import DerivedMedia
from render_app.core import catalogue
from render_app.core.plan.estimate import Past, cost_of, sound_bytes
from sessions_app.core.tenant import Context

#: The last renders of a tenant that are looked at.
LOOKED_AT = 40


def pasts_of(context: Context) -> tuple[Past, ...]:
    """The tenant's last renders that say what they took."""
    rows = DerivedMedia.objects.in_tenant(context).filter(kind=kinds.RENDER.name, meta__has_key="took_seconds")
    kept = rows.order_by("-created_at").values_list("meta", "size_bytes")[:LOOKED_AT]
    return tuple(past for meta, size in kept if (past := _past(meta, size)))


def _past(meta: dict[str, Any], size: int) -> Past | None:
    profile, expected = catalogue.profiles().get(meta.get("render_profile", "")), meta.get("expected")
    if profile is None or expected is None or "work" not in meta:
        return None
    cost = cost_of(meta["work"], profile)
    pixels = expected["frames"] * profile.width * profile.height
    picture = max(0.0, size - sound_bytes(profile, meta.get("channels", 2), expected["duration_ms"]))
    return Past(profile.name, cost, float(meta["took_seconds"]), pixels, picture)
