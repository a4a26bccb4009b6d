"""What a render is asked for, besides its sequence."""

from dataclasses import dataclass
from fractions import Fraction

from render_app.core.catalogue import Profile

SOURCES = ("original", "mezzanine", "proxy")
STRATEGIES = ("final", "draft")
MIXDOWNS = ("stereo", "mono")
#: Modes of the enhanced voice, as the engine that makes it calls them.
VOICE_MODES = ("default", "podcast", "vlog", "phone_recording")
#: What a loudness may be, and is when none is named, in LUFS: as in the mastering presets.
LOUDNESS_RANGE, LOUDNESS = (-40.0, -9.0), -16.0
DRAFT_PROFILE = "draft_480p_fast"


@dataclass(frozen=True, slots=True)
class RenderWish:
    """A profile, the sound's channels, and the stretch of the sequence that is wanted; None: all of it.

    `target_lufs`: the loudness of the whole; None leaves it as it is. `ffmpeg`: the build that will run the plan.
    """

    profile: Profile
    channels: int = 2
    start_ms: Fraction = Fraction(0)
    end_ms: Fraction | None = None
    target_lufs: float | None = None
    ffmpeg: str = ""


@dataclass(frozen=True, slots=True)
class VoiceWish:
    """The enhanced voice, of a mode or of any. `only_available`: where there is none, nobody needs to know."""

    mode: str | None = None
    only_available: bool = True

    @property
    def said(self) -> str:
        """The mode in a sentence."""
        return f" of mode {self.mode}" if self.mode else ""
