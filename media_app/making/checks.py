"""What was made, held against what the packets of the original hold."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from media_app.core.files.decoded import WITH_PAUSES
from media_app.core.files.faults import SourceDamaged
from media_app.core.time.sound_timing import SoundTiming
from media_app.core.time.timebase import clock, format_rate
from media_app.making.inspect import Inspection
from media_app.making.workspace import Workspace

TOLERANCE = Fraction(1, 20)
STREAM_ENTRIES = ("-show_entries", "stream=codec_type,width,height,nb_frames,profile,level,duration")


def streams_of(path: Path, work: Workspace) -> dict[str, dict[str, Any]]:
    """What ffprobe says of the picture ("video") and the sound ("audio") that were made."""
    answer = work.ffprobe(path, entries=STREAM_ENTRIES)
    return {stream["codec_type"]: stream for stream in answer.get("streams", []) if "codec_type" in stream}


def sound_seconds(streams: dict[str, dict[str, Any]]) -> Fraction:
    """How long the sound is."""
    return Fraction(str(streams.get("audio", {}).get("duration", 0)))


def check_picture(streams: dict[str, dict[str, Any]], found: Inspection, rate: Fraction) -> dict[str, Any]:
    """Hold what was made against the packets: it must reach the last frame, and not run on after it."""
    assert found.frames
    stream = streams.get("video", {})
    frames = int(stream.get("nb_frames", 0))
    if frames == 0:
        raise SourceDamaged("Not one frame of the picture could be decoded. Copy the file again from the card.")
    slack = max(TOLERANCE, 1 / rate) + 1 / rate
    made = frames / rate
    last, end = found.frames.last - found.info.start_time, found.frames.end - found.info.start_time
    if not found.frames.restarts and not last - slack <= made - 1 / rate <= end + slack:
        raise SourceDamaged(
            f"Only {clock(made)} of the picture's {clock(end)} could be decoded: the file is damaged or cut. "
            "Copy it again from the card."
        )
    return {
        "width": stream["width"],
        "height": stream["height"],
        "rate": format_rate(rate),
        "frames": frames,
        "duration": float(made),
    }


def check_sound(made: Fraction, found: Inspection, sound: SoundTiming) -> None:
    """Hold the seconds that were made against the packets."""
    end = sound.end - found.info.start_time
    # Its pauses at the end need not be decodable.
    pauses = found.info.audio is not None and found.info.audio.codec in WITH_PAUSES and made < end
    if not sound.restarts and abs(made - end) > sound_slack(sound) and not pauses:
        raise SourceDamaged(
            f"{clock(made)} of sound came out of a file that holds {clock(end)}: it is damaged or cut. "
            "Copy it again from the card."
        )


def too_long(made: Fraction, found: Inspection) -> bool:
    if found.sound is None:
        return False
    held = found.sound.end - found.info.start_time
    return made > held + sound_slack(found.sound) + (1 if found.sound.restarts else 0)


def sound_slack(sound: SoundTiming) -> Fraction:
    """By how much the seconds that were made may differ from those of the packets."""
    return max(TOLERANCE, 2 * sound.packet)
