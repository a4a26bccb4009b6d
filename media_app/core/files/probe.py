"""What ffprobe says of a file → what Studio needs to know of it, or why it cannot be used."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from media_app.core.files.timecodes import FileTimes, read_times
from media_app.core.files.timecodes import as_json as times_as_json
from media_app.core.sound.heard import Heard
from media_app.core.time.timebase import clock, format_rate
from sessions_app.errors import StudioError

MAX_STREAMS = 64
MAX_SIDE = 16384
#: The most for which H.264 and HEVC have a level (6.2): 8192×4320.
MAX_PIXELS = 35_651_584
MAX_SECONDS = 48 * 3600
#: Long files that hold less than this are made to cost: digital silence in FLAC has 1,300 bit/s.
HOLLOW_SECONDS, HOLLOW_BITS = 600, 1000
MAX_FRAME_RATE = 1000
SAMPLE_RATES = range(1000, 768_001)
MAX_CHANNELS = 64
HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})
INTERLACED = frozenset({"tt", "bb", "tb", "bt"})
_LOSSLESS = frozenset({"flac", "alac", "wavpack", "tta", "ape"})
#: Containers whose header says how long the streams are, so that a shorter file is a cut one.
DECLARING = frozenset({"mov", "matroska", "avi", "mxf", "wav", "w64", "aiff", "flac", "asf", "flv"})


class NotUsable(StudioError):
    """The file cannot become media of a session; the sentence says why and what to do."""

    code = "not_usable"
    status = 422


class EmptyFile(NotUsable):
    code = "empty_file"


class NotMedia(NotUsable):
    code = "not_media"


class StillImage(NotUsable):
    code = "still_image"


class NeitherPictureNorSound(NotUsable):
    code = "neither_picture_nor_sound"


class OutOfRange(NotUsable):
    """A size, length, rate or number of streams that no camera makes."""

    code = "out_of_range"


class SourceDamaged(NotUsable):
    """The file is media, but a part of it is missing or cannot be decoded."""

    code = "source_damaged"


class Kind(StrEnum):
    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class VideoStream:
    """`width` × `height` as shown: rotation and sample aspect applied. `start` in seconds after time zero.

    `rotation`: degrees clockwise that the decoder turns the picture (0, 90, 180, 270). `rate`, `average_rate`: what
    the file declares; the truth is measured by `media_app.core.vfr`.
    """

    index: int
    codec: str
    width: int
    height: int
    coded_width: int
    coded_height: int
    rotation: int
    sample_aspect: Fraction
    pixel_format: str
    rate: Fraction | None
    average_rate: Fraction | None
    time_base: Fraction
    start: Fraction
    duration: Fraction | None
    field_order: str
    color_transfer: str
    color_primaries: str
    color_space: str
    color_range: str

    @property
    def interlaced(self) -> bool:
        return self.field_order in INTERLACED

    @property
    def hdr(self) -> bool:
        return self.color_transfer in HDR_TRANSFERS


@dataclass(frozen=True, slots=True)
class AudioStream:
    """`start` in seconds after time zero; `chosen_because` says why this one of several.

    `track`: which of the audio streams it is, from 1. `rank`: its place in the order in which the file offers them, 0 first;
    `drawback`: see `TrackSummary`. `deep`: it holds more than 16 bits without loss. `heard`: what is listened to of it, all
    of it where None.
    """

    index: int
    codec: str
    rate: int
    channels: int
    layout: str
    time_base: Fraction
    start: Fraction
    duration: Fraction | None
    chosen_because: str
    track: int = 1
    rank: int = 0
    drawback: str = ""
    deep: bool = False
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """`start_time` is the container's own time zero, the origin of every derivative; `duration` runs from there.

    `timecode`: SMPTE text of the first frame, `;` = drop-frame. `seconds_of_day`: when a recorder's sound began, from
    its BWF time reference. `audio` is one of `sounds`, which are all the audio streams that can be decoded.
    `timecode_rate`: what the timecode counts in, which need not be the picture's rate.
    """

    kind: Kind
    container: str
    start_time: Fraction
    duration: Fraction | None
    video: VideoStream | None
    audio: AudioStream | None
    timecode: str | None = None
    timecode_rate: Fraction | None = None
    seconds_of_day: Fraction | None = None
    warnings: tuple[str, ...] = ()
    sounds: tuple[AudioStream, ...] = ()
    times: FileTimes = field(default_factory=FileTimes)

    @property
    def declares_duration(self) -> bool:
        """The container's header says how long the file is; otherwise the duration is an estimate."""
        return not DECLARING.isdisjoint(self.container.split(","))

    @property
    def declared_end(self) -> Fraction | None:
        """Seconds after time zero at which the header says the file ends. MP4 and Matroska count from the clock's zero,
        so a file that starts late (`ffmpeg -output_ts_offset`, cut live streams) says more than it holds."""
        return None if self.duration is None else self.duration - max(Fraction(0), self.start_time)


_SIGNATURES: tuple[tuple[bytes, int, str], ...] = (
    (b"\x89PNG\r\n", 0, "a PNG image"),
    (b"\xff\xd8\xff", 0, "a JPEG image"),
    (b"GIF8", 0, "a GIF image"),
    (b"BM", 0, "a BMP image"),
    (b"II*\0", 0, "a TIFF or camera-raw image"),
    (b"MM\0*", 0, "a TIFF or camera-raw image"),
    (b"WEBP", 8, "a WebP image"),
    (b"8BPS", 0, "a Photoshop image"),
    (b"\xff\x0a", 0, "a JPEG XL image"),
)
_IMAGE_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif"})
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"#EXTM3U", "a playlist, not the recording itself"),
    (b"ffconcat", "a playlist, not the recording itself"),
    (b"<", "a web page or XML text"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"Rar!", "a compressed archive"),
)


def refuse_by_first_bytes(head: bytes, size: int) -> None:
    """Raise EmptyFile, StillImage or NotMedia when the first bytes (64 are enough) already say so.

    BMP is told by its size field as well, since two letters are not enough.
    """
    if size == 0:
        raise EmptyFile("The file is empty (0 bytes). The upload or the copy from the card stopped before it began.")
    if not head.strip(b"\0"):
        raise NotMedia("The file begins with nothing but zeros; the copy from the card failed. Copy it again.")
    for magic, at, name in _SIGNATURES:
        if head[at : at + len(magic)] == magic and (magic != b"BM" or head[2:6] == size.to_bytes(4, "little")):
            raise StillImage(f"This is {name}, not a recording. Upload the video or sound file itself.")
    if head[4:8] == b"ftyp" and head[8:12] in _IMAGE_BRANDS:
        raise StillImage("This is a HEIF or AVIF photo, not a recording. Upload the video or sound file itself.")
    for magic, name in _OTHERS:
        if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(magic):
            raise NotMedia(f"This is {name}. Upload the recording itself.")


def read_probe(answer: Mapping[str, Any]) -> MediaInfo:
    """ffprobe's `-show_format -show_streams` JSON → MediaInfo. Raises NotUsable types."""
    form = answer.get("format") or {}
    streams: list[Mapping[str, Any]] = list(answer.get("streams") or [])
    if len(streams) > MAX_STREAMS:
        raise OutOfRange(f"The file has {len(streams)} streams; Studio takes at most {MAX_STREAMS}.")
    if not streams:
        raise SourceDamaged(
            "The file's index is empty or cut: it names no picture and no sound. Copy it again from the card."
        )
    origin = _fraction(form.get("start_time")) or Fraction(0)
    duration = _fraction(form.get("duration"))
    if duration is not None and duration > MAX_SECONDS:
        raise OutOfRange("The file says that it lasts more than 48 hours; cut it into shorter recordings.")

    video = _best_video(streams, origin)
    sounds = _sounds(streams, origin)
    audio = min(sounds, key=lambda stream: stream.rank, default=None)
    if video is None and audio is None:
        raise NeitherPictureNorSound(_nothing_found(streams))
    kind = Kind.VIDEO if video else Kind.AUDIO
    times = read_times(
        answer,
        picture=video.start if video else None,
        picture_rate=(video.average_rate or video.rate) if video else None,
        sound_rate=audio.rate if audio else None,
    )
    label = next((witness.label for witness in times.timecodes if witness.label), None)
    no_sound = () if audio else ("The file has no sound: it cannot be synced by sound, only by hand.",)
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
        warnings=(*no_sound, *times.warnings),
        sounds=sounds,
        times=times,
    )


def refuse_hollow(seconds: Fraction, size: int) -> None:
    """Raise OutOfRange for a few bytes that claim hours: hours would be made of them."""
    if seconds > HOLLOW_SECONDS and size * 8 < seconds * HOLLOW_BITS:
        raise OutOfRange(
            f"The file has {size:,} bytes and says that they last {clock(seconds)}: there is next to nothing in it. "
            "Copy it again from the card."
        )


def as_json(info: MediaInfo) -> dict[str, Any]:
    """Plain values for a JSON column: rates as "num/den", times as decimal seconds."""
    video, audio = info.video, info.audio
    return {
        "kind": str(info.kind),
        "container": info.container,
        "start_time": float(info.start_time),
        "duration": _float(info.duration),
        "timecode": info.timecode,
        "timecode_rate": info.timecode_rate and format_rate(info.timecode_rate),
        "seconds_of_day": _float(info.seconds_of_day),
        "video": video
        and {
            "index": video.index,
            "codec": video.codec,
            "width": video.width,
            "height": video.height,
            "coded_width": video.coded_width,
            "coded_height": video.coded_height,
            "rotation": video.rotation,
            "sample_aspect": f"{video.sample_aspect.numerator}/{video.sample_aspect.denominator}",
            "pixel_format": video.pixel_format,
            "declared_rate": video.rate and f"{video.rate.numerator}/{video.rate.denominator}",
            "interlaced": video.interlaced,
            "hdr": video.hdr,
            "color_transfer": video.color_transfer,
            "color_primaries": video.color_primaries,
            "color_space": video.color_space,
            "start": float(video.start),
        },
        "audio": audio
        and {
            "index": audio.index,
            "codec": audio.codec,
            "rate": audio.rate,
            "channels": audio.channels,
            "layout": audio.layout,
            "start": float(audio.start),
            "chosen_because": audio.chosen_because,
        },
        "warnings": list(info.warnings),
        **times_as_json(info.times),
    }


def _best_video(streams: Sequence[Mapping[str, Any]], origin: Fraction) -> VideoStream | None:
    """The default picture, then the largest, then the first; cover art, thumbnails and unknown codecs do not count."""
    candidates = [s for s in streams if s.get("codec_type") == "video" and _decodable(s) and not _is_cover(s)]
    candidates = [s for s in candidates if _int(s.get("width")) > 0 and _int(s.get("height")) > 0]
    if not candidates:
        return None
    best = max(
        candidates,
        key=lambda s: (_flag(s, "default"), _int(s["width"]) * _int(s["height"]), -_int(s.get("index"))),
    )
    return _video(best, origin)


def _video(stream: Mapping[str, Any], origin: Fraction) -> VideoStream:
    coded_width, coded_height = _int(stream["width"]), _int(stream["height"])
    if max(coded_width, coded_height) > MAX_SIDE or coded_width * coded_height > MAX_PIXELS:
        raise OutOfRange(
            f"The picture is {coded_width}×{coded_height}; Studio takes at most 8192×4320. Export it smaller."
        )
    rate, average = _ratio(stream.get("r_frame_rate")), _ratio(stream.get("avg_frame_rate"))
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
        index=_int(stream.get("index")),
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
        time_base=_ratio(stream.get("time_base")) or Fraction(1, 1000),
        start=_start(stream, origin),
        duration=_fraction(stream.get("duration")),
        field_order=str(stream.get("field_order", "unknown")),
        color_transfer=_named(stream, "color_transfer"),
        color_primaries=_named(stream, "color_primaries"),
        color_space=_named(stream, "color_space"),
        color_range=_named(stream, "color_range"),
    )


#: What speaks for a track, in this order, the last of them its place in the file.
_FOR_A_TRACK = ("is whole", "is the main sound", "is marked default", "has most channels", "comes first")
_ACCESS_TRACKS = ("hearing_impaired", "visual_impaired", "descriptions")
#: Tracks shorter than this share of the longest are not the sound of the whole recording.
_WHOLE = Fraction(9, 10)


def _sounds(streams: Sequence[Mapping[str, Any]], origin: Fraction) -> tuple[AudioStream, ...]:
    """Every track that can be decoded, ranked by what tells most of the event.

    Tracks that are shorter than nine tenths of the longest, and commentary or audio description, come last; among the
    rest the one marked default, then the one with most channels, then the first.
    """
    candidates = [s for s in streams if s.get("codec_type") == "audio" and _decodable(s)]
    candidates = [s for s in candidates if _int(s.get("channels")) > 0 and _int(s.get("sample_rate")) > 0]
    if not candidates:
        return ()
    longest = max((_fraction(s.get("duration")) or Fraction(0)) for s in candidates)
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
    duration = _fraction(stream.get("duration"))
    whole = duration is None or duration >= longest * _WHOLE
    main = not any(_flag(stream, name) for name in ("comment", *_ACCESS_TRACKS))
    return (whole, main, _flag(stream, "default"), _int(stream["channels"]), -_int(stream.get("index")))


def _drawback(rank: tuple[bool, bool, bool, int, int], stream: Mapping[str, Any]) -> str:
    whole, main, *_ = rank
    if not main:
        return "marked as commentary" if _flag(stream, "comment") else "marked as audio description"
    return "" if whole else "shorter than the longest one"


def _refuse_out_of_range(stream: Mapping[str, Any]) -> None:
    rate, channels = _int(stream["sample_rate"]), _int(stream["channels"])
    if rate not in SAMPLE_RATES:
        raise OutOfRange(f"The sound has {rate} samples per second; Studio takes 1,000 to 768,000.")
    if channels > MAX_CHANNELS:
        raise OutOfRange(f"The sound has {channels} channels; Studio takes at most {MAX_CHANNELS}.")


def _fits(stream: Mapping[str, Any]) -> bool:
    """Whether a track beside the best one can be listened to. What has no sample format has no decoder here."""
    in_range = _int(stream["sample_rate"]) in SAMPLE_RATES and _int(stream["channels"]) <= MAX_CHANNELS
    return in_range and bool(_named(stream, "sample_fmt"))


def _audio(
    stream: Mapping[str, Any], origin: Fraction, because: str, track: int, rank: int, drawback: str
) -> AudioStream:
    rate = _int(stream["sample_rate"])
    return AudioStream(
        index=_int(stream.get("index")),
        codec=str(stream.get("codec_name")),
        rate=rate,
        channels=_int(stream["channels"]),
        layout=_named(stream, "channel_layout"),
        time_base=_ratio(stream.get("time_base")) or Fraction(1, rate),
        start=_start(stream, origin),
        duration=_fraction(stream.get("duration")),
        chosen_because=because,
        track=track,
        rank=rank,
        drawback=drawback,
        deep=_is_deep(stream),
    )


def _is_deep(stream: Mapping[str, Any]) -> bool:
    lossless = str(stream.get("codec_name")).startswith("pcm_") or stream.get("codec_name") in _LOSSLESS
    return lossless and str(stream.get("sample_fmt", "")).rstrip("p") in ("s32", "flt", "dbl", "s64")


def _nothing_found(streams: Sequence[Mapping[str, Any]]) -> str:
    if any(_is_cover(s) for s in streams):
        return "The file holds a cover picture but no sound and no moving picture. Upload the recording itself."
    unknown = [s for s in streams if s.get("codec_type") in ("video", "audio")]
    if unknown:
        name = unknown[0].get("codec_tag_string") or "unknown"
        return (
            f"The file's picture and sound are in a form that cannot be decoded here ({name}), or are encrypted. "
            "Export it again as H.264 or ProRes."
        )
    return "The file holds neither picture nor sound. Upload the recording itself."


def _decodable(stream: Mapping[str, Any]) -> bool:
    return str(stream.get("codec_name", "unknown")) not in ("", "unknown", "none")


def _is_cover(stream: Mapping[str, Any]) -> bool:
    return _flag(stream, "attached_pic") or _flag(stream, "timed_thumbnails")


def _flag(stream: Mapping[str, Any], name: str) -> bool:
    return bool((stream.get("disposition") or {}).get(name))


def _start(stream: Mapping[str, Any], origin: Fraction) -> Fraction:
    """Seconds after time zero; the container rounds its own start to a microsecond, which must not show here."""
    base, ticks = _ratio(stream.get("time_base")), stream.get("start_pts")
    if base is not None and isinstance(ticks, int):
        start = ticks * base - origin
    else:
        start = (_fraction(stream.get("start_time")) or origin) - origin
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


def _seconds_of_day(form: Mapping[str, Any], audio: AudioStream | None) -> Fraction | None:
    text = _tag(form, "time_reference")
    if audio is None or text is None or not re.fullmatch(r"\d{1,18}", text):
        return None
    return Fraction(int(text), audio.rate)


def _tag(section: Mapping[str, Any], name: str) -> str | None:
    for key, value in (section.get("tags") or {}).items():
        if str(key).lower() == name:
            return str(value).strip()
    return None


def _named(stream: Mapping[str, Any], name: str) -> str:
    value = str(stream.get(name, ""))
    return "" if value in ("unknown", "unspecified", "reserved") else value


def _ratio(text: object) -> Fraction | None:
    match = re.fullmatch(r"(\d+)/(\d+)", str(text))
    if match is None or 0 in (int(match[1]), int(match[2])):
        return None
    return Fraction(int(match[1]), int(match[2]))


def _fraction(text: object) -> Fraction | None:
    try:
        return Fraction(str(text))
    except (ValueError, ZeroDivisionError):
        return None


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _int(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0
