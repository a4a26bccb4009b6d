"""What a render will take and weigh, from what renders of its like took: a pure function of both.

The work of a render is its pixels, decoded and encoded, each weighed by what it costs beside the other. Seconds for a unit of work
and bits for a pixel are the middle ones of past renders of the profile; where there is none yet, of any, and else a first guess.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from statistics import median
from typing import Any

from render_app.core.catalogue import Profile
from render_app.core.plan.conform import OPENING, Reading, picture_reading
from render_app.core.plan.encoding import sound_kbps
from render_app.core.plan.slowing import medium_in
from render_app.core.plan.spans import Shot, Span, is_seen
from render_app.core.timeline.edges import edge_ms

#: What a pixel costs to encode, beside one that is decoded and scaled, by the preset of its profile.
ENCODING = {"ultrafast": 1.0, "veryfast": 2.0, "medium": 6.0, "hq": 4.0}
#: First guesses: seconds for a unit of work, bits for a pixel at CRF 23.
SECONDS, BITS = 6e-9, 0.08
#: Bits for a pixel of codecs that have no CRF.
PLAIN_BITS = {"prores_ks": 4.0}


@dataclass(frozen=True, slots=True)
class Work:
    """`decoded`: frames that are read from files, of which `needed` are shown; `pixels`: in those that are read. `encoded`: frames
    of the film that are drawn, none of one that is joined."""

    decoded: int = 0
    needed: int = 0
    pixels: int = 0
    openings: int = 0
    encoded: int = 0

    @property
    def as_json(self) -> dict[str, int]:
        """As a plan's meta has it."""
        return {
            "decoded_frames": self.decoded, "needed_frames": self.needed, "decoded_pixels": self.pixels,
            "openings": self.openings, "encoded_frames": self.encoded,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Past:
    """A render that was made: of this profile and work, in so many seconds, as large as this."""

    profile: str
    cost: float
    seconds: float
    pixels: int
    picture_bytes: float


def work_of(parts: Sequence[Sequence[Span]], rate: Fraction) -> Work:
    """The work of a picture that is drawn in these parts."""
    every = [(part, shot) for part in parts for shot in _seen(part)]
    counts = [(frames, shot) for part in parts for frames, shot in _decoded(part, rate)]
    return Work(
        sum(frames for frames, _ in counts),
        sum(_shown(shot, rate) for _, shot in every),
        sum(frames * _size(shot) for frames, shot in counts),
        len(every),
        sum(span.frames for part in parts for span in part),
    )


def _seen(part: Sequence[Span]) -> Iterator[Shot]:
    """The shots of a part that have a picture, in the order in which they are drawn."""
    shots = (shot for span in part for layer in span.layers for side in layer.sides for shot in side)
    return (shot for shot in shots if is_seen(shot.take))


def _decoded(part: Sequence[Span], rate: Fraction) -> Iterator[tuple[int, Shot]]:
    """Frames that are decoded for each shot: from the keyframe at which reading begins, or on from another shot of the file."""
    before = list[Reading]()
    for shot in _seen(part):
        medium, reading = medium_in(shot), picture_reading(shot, rate)
        ends = shot.take.file_ms(edge_ms(shot.end, rate)) / 1000
        last = next((one for one in before if reading.goes_on(one)), None)
        begins = reading.key_s if last is None or last.needed is None else last.needed[1]
        before = [*(one for one in before if one is not last), reading]
        yield 1 if medium.still else max(1, ceil((ends - begins) * medium.rate)), shot


def _shown(shot: Shot, rate: Fraction) -> int:
    """Frames of its file that a shot shows: no more than it lasts."""
    medium, frames = medium_in(shot), shot.end - shot.start
    passes = frames * shot.take.speed / rate * medium.rate
    return 1 if medium.still else min(frames, max(1, ceil(passes)))


def _size(shot: Shot) -> int:
    video = medium_in(shot).video
    return video.width * video.height if video else 0


def cost_of(work: Mapping[str, int], profile: Profile) -> float:
    """The units of work of a render."""
    encoded = work["encoded_frames"] * profile.width * profile.height * ENCODING.get(profile.preset, 4.0)
    return float(work["decoded_pixels"] + encoded + OPENING * (1 + work["openings"]))


def work_left(work: Mapping[str, int], chunks: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The work of a render without its chunks that are there already."""
    there = [one["work"] for one in chunks if one["cached"]]
    return {name: units - sum(one[name] for one in there) for name, units in work.items()}


def sound_bytes(profile: Profile, channels: int, duration_ms: float) -> float:
    """What the sound of a film weighs."""
    kbps = sound_kbps(profile, channels) or profile.audio_sample_rate * channels * 16 / 1000
    return kbps * duration_ms / 8


def estimate(
    work: Mapping[str, int], expected: Mapping[str, Any], profile: Profile, channels: int, pasts: Sequence[Past]
) -> dict[str, Any]:
    """Seconds and bytes that a render is likely to take."""
    like = [one for one in pasts if one.profile == profile.name]
    pace = median(one.seconds / one.cost for one in like or pasts) if pasts else SECONDS
    bits = median(8 * one.picture_bytes / one.pixels for one in like) if like else _guess(profile)
    pixels = expected["frames"] * profile.width * profile.height
    sound = sound_bytes(profile, channels, expected["duration_ms"])
    return {
        "seconds": round(pace * cost_of(work, profile), 1),
        "bytes": round(bits * pixels / 8 + sound),
        "decoded_frames": work["decoded_frames"],
        "needed_frames": work["needed_frames"],
        "based_on": len(like),
    }


def _guess(profile: Profile) -> float:
    """Six steps of CRF are half the bits."""
    if profile.crf is None:
        return PLAIN_BITS.get(profile.video_codec, 4.0)
    return float(BITS * 2 ** ((23 - profile.crf) / 6))
