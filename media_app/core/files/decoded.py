"""How much of a file its decoders made something of: ffmpeg's own count, held against the packets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from media_app.core.files.faults import SourceDamaged
from media_app.core.files.media_info import AudioStream
from media_app.core.time.frames import FrameTiming
from media_app.core.time.sound_timing import SoundTiming
from media_app.core.time.timebase import clock

#: Arguments with which ffmpeg counts, in its last lines, and leaves it to that count how much may be lost.
COUNTING = ("-v", "verbose", "-max_error_rate", "1")
#: Codecs of phones that send next to nothing while nobody speaks, and whose pauses need not be decodable.
WITH_PAUSES = frozenset({"amr_nb", "amr_wb"})
#: The bytes of their longest frame. Of a packet with several frames the decoder gives the first alone.
_FRAME_BYTES = {"amr_nb": 32, "amr_wb": 61}
#: More than 96 dB above full scale is no sound.
HIGHEST_SAMPLE = 65_536
#: A filter that measures floating-point samples, each track's in ffmpeg's last lines. (Its count of what is no number is divided by the
#: channels, rounded down; the level is spoiled by a single one.)
MEASURED = "astats=measure_perchannel=none:measure_overall=RMS_level+Min_level+Max_level"
_NO_NUMBERS = re.compile(r"RMS level dB: (?:-?nan|inf)")
_LEVEL = re.compile(r"(?:Min|Max) level: (\S+)")
_COUNT = re.compile(
    r"Input stream #0:(\d+) \((?:audio|video)\): (\d+) packets read \((\d+) bytes\); (\d+) frames decoded"
    r"(?:[^;\n]*?\((\d+) samples\))?"
)
_DROPPED = re.compile(r"\d+ frames in, \d+ frames out; (\d+) frames dropped")
#: Less than these shares may be lost without a word: the first pictures of a broadcast, the priming of an encoder.
_LOST_PICTURES, _LOST_SOUND = Fraction(1, 50), Fraction(3, 100)
_LOST_SECONDS = Fraction(1, 2)
#: With less than this share of its pictures, or sound, nobody can review a file.
_FEWEST = Fraction(1, 4)


@dataclass(frozen=True, slots=True)
class Count:
    """What came out of one stream, and the bytes that went in; `samples` of sound, each channel counted once."""

    packets: int
    frames: int
    samples: int
    size: int = 0


def counts_of(stderr: str) -> dict[int, Count]:
    """ffmpeg's count of each stream, by its index; empty where it did not count."""
    found = ((int(index), Count(int(p), int(f), int(s or 0), int(b))) for index, p, b, f, s in _COUNT.findall(stderr))
    return dict(found)


def left_out_of(stderr: str) -> int | None:
    """How many pictures ffmpeg had decoded and found no place for at a constant rate; None where it did not count."""
    found = [int(count) for count in _DROPPED.findall(stderr)]
    return sum(found) if found else None


def no_numbers(stderr: str) -> str:
    """A sentence for samples that are no number, by what `MEASURED` says."""
    if _NO_NUMBERS.search(stderr):
        return (
            "The sound has samples that are not numbers (NaN or infinite), as a program writes that failed: they are silent in what "
            "is made here. The original still has them, and an editor may play them as noise: export its sound again."
        )
    if any(abs(float(found)) > HIGHEST_SAMPLE for found in _LEVEL.findall(stderr)):
        return (
            "The sound has samples more than 96 dB above full scale, which no recorder writes: they are silent in what is made here. "
            "The original still has them, and an editor may play them as noise: export its sound again."
        )
    return ""


def lost_pictures(count: Count | None, frames: FrameTiming | None) -> str:
    """A sentence for pictures that could not be decoded. Raises SourceDamaged where hardly any could."""
    if count is None or frames is None or not frames.frames:
        return ""
    lost = frames.frames - count.frames
    if count.frames < frames.frames * _FEWEST:
        raise SourceDamaged(
            f"Only {count.frames:,} of the file's {frames.frames:,} pictures could be decoded: it is damaged. Copy it again "
            "from the card, or export it again as H.264."
        )
    if lost < 3 or lost < frames.frames * _LOST_PICTURES:
        return ""
    return f"{lost:,} of the file's {frames.frames:,} pictures could not be decoded; the one before is shown instead."


def lost_sound(
    counts: Mapping[int, Count], sounds: tuple[AudioStream, ...], timings: Mapping[int, SoundTiming]
) -> list[str]:
    """A sentence for each audio track of which a part could not be decoded. Raises SourceDamaged where hardly any of the only
    one could."""
    said = []
    for audio in sounds:
        count, timing = counts.get(audio.index), timings.get(audio.index)
        if count is None or timing is None or not timing.carried:
            continue
        if count.size > count.packets * _FRAME_BYTES.get(audio.codec, count.size):
            raise SourceDamaged(
                f"The sound of this file ({audio.codec}) has several frames in each packet, of which only the first can be decoded "
                "here. Export its sound as WAV, or the file as MP4 with AAC, and upload that."
            )
        lost = timing.carried - Fraction(count.samples, audio.rate)
        if len(sounds) == 1 and audio.codec not in WITH_PAUSES and lost > timing.carried * (1 - _FEWEST):
            raise SourceDamaged(
                f"Only {clock(timing.carried - lost)} of {clock(timing.carried)} of the sound ({audio.codec}) could be decoded: it "
                "is damaged. Copy the file again, or export its sound as WAV."
            )
        if lost > max(_LOST_SECONDS, timing.carried * _LOST_SOUND):
            name = f"audio track {audio.track}" if len(sounds) > 1 else "the sound"
            said.append(
                f"{clock(lost)} of {clock(timing.carried)} of {name} ({audio.codec}) could not be decoded and is silent: "
                "packets are damaged, or of a kind that its decoder does not know, such as pauses in AMR. If speech is "
                "missing, export the sound as WAV and upload that."
            )
    return said
