"""What a render is asked for, besides its sequence."""

from dataclasses import dataclass
from fractions import Fraction

from render_app.core.catalogue import Profile

SOURCES = ("original", "mezzanine", "proxy")
STRATEGIES = ("final", "draft")
MIXDOWNS = ("stereo", "mono")
DRAFT_PROFILE = "draft_480p_fast"


@dataclass(frozen=True, slots=True)
class RenderWish:
    """A profile, the sound's channels, and the stretch of the sequence that is wanted; None: all of it."""

    profile: Profile
    channels: int = 2
    start_ms: Fraction = Fraction(0)
    end_ms: Fraction | None = None
