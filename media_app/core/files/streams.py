"""The picture and the sound tracks of a file that Studio uses, from ffprobe's streams."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from media_app.core.files.faults import OutOfRange
from media_app.core.files.ffprobe_values import flag, fraction, integer, named, ratio
from media_app.core.files.media_info import AudioStream, VideoStream

MAX_SIDE = 16384
#: The most for which H.264 and HEVC have a level (6.2): 8192×4320.
MAX_PIXELS = 35_651_584
MAX_FRAME_RATE = 1000
SAMPLE_RATES = range(1000, 768_001)
MAX_CHANNELS = 64
_LOSSLESS = frozenset({"flac", "alac", "wavpack", "tta", "ape"})


def best_video(streams: Sequence[Mapping[str, Any]], origin: Fraction) -> VideoStream | None:
    """The picture that moves, is default, the largest, the first; cover art, thumbnails and unknown codecs do not count."""
    candidates = [s for s in pictures(streams) if decodable(s) and has_size(s)]
    return _video(max(candidates, key=_picture_rank), origin) if candidates else None


def pictures(streams: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The streams that show something, whether they can be decoded or not."""
    return [s for s in streams if s.get("codec_type") == "video" and not is_cover(s)]


def _picture_rank(stream: Mapping[str, Any]) -> tuple[bool, bool, int, int]:
    """A track of one frame is the still of a motion photo."""
    pixels = integer(stream["width"]) * integer(stream["height"])
    return (integer(stream.get("nb_frames")) != 1, flag(stream, "default"), pixels, -integer(stream.get("index")))


def _video(stream: Mapping[str, Any], origin: Fraction) -> VideoStream:
    coded_width, coded_height = integer(stream["width"]), integer(stream["height"])
    if max(coded_width, coded_height) > MAX_SIDE or coded_width * coded_height > MAX_PIXELS:
        raise OutOfRange(
            f"The picture is {coded_width}×{coded_height}; Studio takes at most 8192×4320. Export it smaller."
        )
    rate, average = ratio(stream.get("r_frame_rate")), ratio(stream.get("avg_frame_rate"))
    if average is not None and average > MAX_FRAME_RATE:
        raise OutOfRange(
            f"The file says {float(average):.0f} frames per second; Studio takes at most {MAX_FRAME_RATE}."
        )
    aspect = _sample_aspect(stream)
    rotation = _rotation(stream)
    width, height = max(1, round(coded_width * aspect)), coded_height
    if width > MAX_SIDE:
        width, height = coded_width, max(1, round(coded_height / aspect))
    if rotation in (90, 270):
        width, height = height, width
    return VideoStream(
        index=integer(stream.get("index")),
        codec=str(stream.get("codec_name")),
        width=width,
        height=height,
        coded_width=coded_width,
        coded_height=coded_height,
        rotation=rotation,
        sample_aspect=aspect,
        pixel_format=str(stream.get("pix_fmt", "")),
        rate=rate,
        average_rate=average,
        time_base=ratio(stream.get("time_base")) or Fraction(1, 1000),
        start=_start(stream, origin),
        duration=fraction(stream.get("duration")),
        field_order=str(stream.get("field_order", "unknown")),
        color_transfer=named(stream, "color_transfer"),
        color_primaries=named(stream, "color_primaries"),
        color_space=named(stream, "color_space"),
        color_range=named(stream, "color_range"),
        profile=named(stream, "profile"),
        level=max(0, integer(stream.get("level"))),
        reorder=integer(stream.get("has_b_frames")),
    )


#: What speaks for a track, in this order, the last of them its place in the file.
_FOR_A_TRACK = ("is whole", "is the main sound", "is marked default", "has most channels", "comes first")
_ACCESS_TRACKS = ("hearing_impaired", "visual_impaired", "descriptions")
#: Tracks shorter than this share of the longest are not the sound of the whole recording.
_WHOLE = Fraction(9, 10)


def sounds_of(streams: Sequence[Mapping[str, Any]], origin: Fraction) -> tuple[AudioStream, ...]:
    """Every track that can be decoded, ranked by what tells most of the event.

    Tracks that are shorter than nine tenths of the longest, and commentary or audio description, come last; among the
    rest the one marked default, then the one with most channels, then the first.
    """
    candidates = [s for s in streams if s.get("codec_type") == "audio" and decodable(s)]
    candidates = [s for s in candidates if integer(s.get("channels")) > 0 and integer(s.get("sample_rate")) > 0]
    if not candidates:
        return ()
    longest = max((fraction(s.get("duration")) or Fraction(0)) for s in candidates)
    ranks = [_audio_rank(stream, longest) for stream in candidates]
    best = max(ranks)
    _refuse_out_of_range(candidates[ranks.index(best)])
    others = max((rank for rank in ranks if rank != best), default=None)
    because = "is the only sound"
    if others:
        because = _FOR_A_TRACK[next(i for i, value in enumerate(best) if value != others[i])]
    order = sorted(ranks, reverse=True)
    return tuple(
        _audio(stream, origin, because if rank == best else "", number, order.index(rank), _drawback(rank, stream))
        for number, (stream, rank) in enumerate(zip(candidates, ranks, strict=True), 1)
        if rank == best or _fits(stream)
    )


def _audio_rank(stream: Mapping[str, Any], longest: Fraction) -> tuple[bool, bool, bool, int, int]:
    duration = fraction(stream.get("duration"))
    whole = duration is None or duration >= longest * _WHOLE
    main = not any(flag(stream, name) for name in ("comment", *_ACCESS_TRACKS))
    return (whole, main, flag(stream, "default"), integer(stream["channels"]), -integer(stream.get("index")))


def _drawback(rank: tuple[bool, bool, bool, int, int], stream: Mapping[str, Any]) -> str:
    whole, main, *_ = rank
    if not main:
        return "marked as commentary" if flag(stream, "comment") else "marked as audio description"
    return "" if whole else "shorter than the longest one"


def _refuse_out_of_range(stream: Mapping[str, Any]) -> None:
    rate, channels = integer(stream["sample_rate"]), integer(stream["channels"])
    if rate not in SAMPLE_RATES:
        raise OutOfRange(f"The sound has {rate} samples per second; Studio takes 1,000 to 768,000.")
    if channels > MAX_CHANNELS:
        raise OutOfRange(f"The sound has {channels} channels; Studio takes at most {MAX_CHANNELS}.")


def _fits(stream: Mapping[str, Any]) -> bool:
    """Whether a track other than the best one can be listened to. What has no sample format has no decoder here."""
    in_range = integer(stream["sample_rate"]) in SAMPLE_RATES and integer(stream["channels"]) <= MAX_CHANNELS
    return in_range and bool(named(stream, "sample_fmt"))


def _audio(
    stream: Mapping[str, Any], origin: Fraction, because: str, track: int, rank: int, drawback: str
) -> AudioStream:
    rate = integer(stream["sample_rate"])
    return AudioStream(
        index=integer(stream.get("index")),
        codec=str(stream.get("codec_name")),
        rate=rate,
        channels=integer(stream["channels"]),
        layout=_layout(stream),
        time_base=ratio(stream.get("time_base")) or Fraction(1, rate),
        start=_start(stream, origin),
        duration=fraction(stream.get("duration")),
        chosen_because=because,
        track=track,
        rank=rank,
        drawback=drawback,
        deep=_is_deep(stream),
        floating=_is_deep(stream) and named(stream, "sample_fmt").rstrip("p") in ("flt", "dbl"),
    )


def _layout(stream: Mapping[str, Any]) -> str:
    """What ffmpeg can mix by name; spherical harmonics are channels like those that have no name."""
    name = named(stream, "channel_layout")
    return "" if name.startswith("ambisonic") else name


def _is_deep(stream: Mapping[str, Any]) -> bool:
    lossless = str(stream.get("codec_name")).startswith("pcm_") or stream.get("codec_name") in _LOSSLESS
    return lossless and str(stream.get("sample_fmt", "")).rstrip("p") in ("s32", "flt", "dbl", "s64")


def decodable(stream: Mapping[str, Any]) -> bool:
    """Whether the codec has a name here."""
    return str(stream.get("codec_name", "unknown")) not in ("", "unknown", "none")


def has_size(stream: Mapping[str, Any]) -> bool:
    """Whether a picture says how large it is; one whose first packets are missing does not."""
    return integer(stream.get("width")) > 0 and integer(stream.get("height")) > 0


def is_cover(stream: Mapping[str, Any]) -> bool:
    """Whether it is cover art or a thumbnail."""
    return flag(stream, "attached_pic") or flag(stream, "timed_thumbnails")


def _start(stream: Mapping[str, Any], origin: Fraction) -> Fraction:
    """Seconds after time zero; the container rounds its own start to a microsecond, which must not show here."""
    base, ticks = ratio(stream.get("time_base")), stream.get("start_pts")
    if base is not None and isinstance(ticks, int):
        start = ticks * base - origin
    else:
        start = (fraction(stream.get("start_time")) or origin) - origin
    return Fraction(0) if abs(start) < Fraction(1, 500_000) else start


def _rotation(stream: Mapping[str, Any]) -> int:
    for side in stream.get("side_data_list") or []:
        if "rotation" in side:
            return round(-float(side["rotation"]) / 90) * 90 % 360
    return 0


def _sample_aspect(stream: Mapping[str, Any]) -> Fraction:
    """Nonsense (more than 4 to 1) counts as square."""
    match = re.fullmatch(r"(\d+):(\d+)", str(stream.get("sample_aspect_ratio", "")))
    if match is None or 0 in (int(match[1]), int(match[2])):
        return Fraction(1)
    aspect = Fraction(int(match[1]), int(match[2]))
    return aspect if Fraction(1, 4) <= aspect <= 4 else Fraction(1)
