"""What ffprobe says of a file → what Studio needs to know of it, or why it cannot be used."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from media_app.core.files.device import from_tags
from media_app.core.files.faults import NeitherPictureNorSound, OutOfRange, SourceDamaged
from media_app.core.files.ffprobe_values import fraction, integer, ratio, tag
from media_app.core.files.media_info import AudioStream, Kind, MediaInfo, VideoStream
from media_app.core.files.streams import best_video, sounds_of
from media_app.core.files.timecodes import read_times
from media_app.core.files.unread import left_out, nothing_found, refuse_protected, refuse_undecodable_picture
from media_app.core.time.timebase import clock

#: Pictures and audio tracks that are read; and streams of any kind that a container may have.
MAX_STREAMS, MAX_CONTAINED = 64, 1000
MAX_SECONDS = 48 * 3600
NO_SOUND = "The file has no sound that can be used: it cannot be synced by sound. Set its offset by hand."
#: Long files that hold less than this are made to cost: digital silence in FLAC has 1,300 bit/s.
HOLLOW_SECONDS, HOLLOW_BITS = 600, 1000


def read_probe(answer: Mapping[str, Any]) -> MediaInfo:
    """ffprobe's `-show_format -show_streams` JSON → MediaInfo. Raises NotUsable types."""
    form = answer.get("format") or {}
    streams: list[Mapping[str, Any]] = list(answer.get("streams") or [])
    heard = sum(1 for stream in streams if stream.get("codec_type") in ("video", "audio"))
    if heard > MAX_STREAMS:
        raise OutOfRange(
            f"The file has {heard} pictures and audio tracks; Studio takes at most {MAX_STREAMS}. Export it with fewer."
        )
    if not streams:
        raise SourceDamaged(
            "The file's index is empty or cut: it names no picture and no sound. Copy it again from the card."
        )
    origin = fraction(form.get("start_time")) or Fraction(0)
    duration = fraction(form.get("duration"))
    if duration is not None and duration > MAX_SECONDS:
        raise OutOfRange("The file says that it lasts more than 48 hours; cut it into shorter recordings.")

    refuse_protected(streams)
    video = best_video(streams, origin)
    sounds = sounds_of(streams, origin)
    audio = min(sounds, key=lambda stream: stream.rank, default=None)
    if video is None and audio is None:
        raise NeitherPictureNorSound(nothing_found(streams))
    refuse_undecodable_picture(streams)
    kind = Kind.VIDEO if video else Kind.AUDIO
    times = read_times(
        answer,
        picture=video.start if video else None,
        picture_rate=(video.average_rate or video.rate) if video else None,
        sound_rate=audio.rate if audio else None,
    )
    label = next((witness.label for witness in times.timecodes if witness.label), None)
    unused = left_out(streams, video, sounds)
    no_sound = () if audio else (NO_SOUND,)
    return MediaInfo(
        kind=kind,
        container=str(form.get("format_name", "")),
        start_time=origin,
        duration=duration if duration and duration > 0 else None,
        video=video,
        audio=audio,
        timecode=str(label) if label else None,
        timecode_rate=label.rate if label else None,
        seconds_of_day=_seconds_of_day(form, audio),
        warnings=(*unused, *no_sound, *times.warnings),
        sounds=sounds,
        times=times,
        unused=_unused(streams, video, sounds),
        device=from_tags(form),
    )


def _unused(
    streams: Sequence[Mapping[str, Any]], video: VideoStream | None, sounds: Sequence[AudioStream]
) -> tuple[tuple[int, Fraction], ...]:
    known = {stream.index for stream in sounds} | ({video.index} if video else set())
    others = ((integer(stream.get("index")), ratio(stream.get("time_base"))) for stream in streams)
    return tuple((index, base) for index, base in others if base and index not in known)


def refuse_hollow(seconds: Fraction, size: int) -> None:
    """Raise OutOfRange for a few bytes that claim hours: hours would be made of them."""
    if seconds > HOLLOW_SECONDS and size * 8 < seconds * HOLLOW_BITS:
        raise OutOfRange(
            f"The file has {size:,} bytes and says that they last {clock(seconds)}: there is next to nothing in it. "
            "Copy it again from the card."
        )


def _seconds_of_day(form: Mapping[str, Any], audio: AudioStream | None) -> Fraction | None:
    text = tag(form, "time_reference")
    if audio is None or text is None or not re.fullmatch(r"\d{1,18}", text):
        return None
    return Fraction(int(text), audio.rate)
