"""Timecodes and the time of creation in what ffprobe says of a file.

A timecode track has a rate of its own, which need not be the picture's: 25 on 50p, 30 drop-frame on 59.94p. A timecode that
cannot be, or that the standard has not, is named in a warning.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from media_app.core.files.ffprobe_values import ratio, tag
from media_app.core.time.timebase import NTSC_24, NTSC_30, NTSC_60, Timecode, format_rate, nominal_rate, parse_timecode
from media_app.core.time.witness import Source, TimecodeWitness

#: Rates written as decimals (2997/100) are these when they are this near.
_NEAR = Fraction(1, 5000)
_NTSC = (NTSC_24, NTSC_30, NTSC_60, Fraction(120000, 1001), Fraction(48000, 1001))
#: Clocks that were never set begin before this year.
_FIRST_YEAR = 2001
#: Tags with a time of creation; what the camera's maker writes with its time zone comes first.
_CREATED = ("com.apple.quicktime.creationdate", "creation_time", "date")
_OF_RTMD = (
    "The timecode {} was read from the camera's data track (Sony rtmd); there is no timecode track. DaVinci Resolve reads it "
    "too, Final Cut Pro counts the file from 0: export for the program that you edit in."
)
_NOT_USED = "it is not used, and unless there is another one the edit counts this file from 0."
_UNREADABLE = (
    "The file has a timecode track that counts in an impossible way, such as drop-frame at 24; it is not used, and "
    "the edit counts this file from 0."
)
_LOOKS_LIKE = re.compile(r"\d+:\d+:\d+[:;.,]\d+")


@dataclass(frozen=True, slots=True)
class FileTimes:
    """`timecodes`: the one of the picture first. `created`: seconds since 1970 UTC, of a clock that people set."""

    timecodes: tuple[TimecodeWitness, ...] = ()
    created: Fraction | None = None
    warnings: tuple[str, ...] = ()


def read_times(
    answer: Mapping[str, Any], *, picture: Fraction | None, picture_rate: Fraction | None, sound_rate: int | None
) -> FileTimes:
    """`answer`: ffprobe's JSON. `picture`: when the first frame is shown, in seconds after time zero."""
    form: Mapping[str, Any] = answer.get("format") or {}
    found: list[TimecodeWitness] = []
    warnings: list[str] = []
    for source, text, rate in _written(list(answer.get("streams") or []), form, picture_rate):
        label, warning = _label(text, rate)
        warnings += [warning] if warning else []
        if label and source is Source.RTMD:
            warnings.append(_OF_RTMD.format(text))
        if label and not any(witness.label == label for witness in found):
            found.append(TimecodeWitness(source, picture or Fraction(0), label))
    if any(_is_unreadable(stream) for stream in answer.get("streams") or []):
        warnings.append(_UNREADABLE)
    samples = tag(form, "time_reference")
    if sound_rate and samples and re.fullmatch(r"\d{1,18}", samples):
        found.append(TimecodeWitness(Source.BEXT, Fraction(0), of_day=Fraction(int(samples), sound_rate)))
    return FileTimes(tuple(found), _created(form), tuple(dict.fromkeys(warnings)))


def _is_unreadable(stream: Mapping[str, Any]) -> bool:
    """A timecode track of which no label could be made, such as drop-frame at 24."""
    return stream.get("codec_tag_string") == "tmcd" and not tag(stream, "timecode")


def standard_rate(rate: Fraction) -> Fraction:
    """The rate that is meant by one written roughly: 2997/100 → 30000/1001."""
    return next((ntsc for ntsc in _NTSC if abs(rate / ntsc - 1) < _NEAR), rate)


def _written(
    streams: Sequence[Mapping[str, Any]], form: Mapping[str, Any], picture_rate: Fraction | None
) -> Iterator[tuple[Source, str, Fraction]]:
    """(source, text, rate) of each timecode: timecode tracks, then those that count at the picture's rate."""
    shown = [tag(stream, "timecode") for stream in streams if stream.get("codec_type") == "video"]
    tracks = [stream for stream in streams if stream.get("codec_tag_string") == "tmcd"]
    # Of several tracks the picture's own comes first: its text stands in the picture's tags too.
    tracks.sort(key=lambda stream: tag(stream, "timecode") not in shown)
    for stream in tracks:
        text, rate = tag(stream, "timecode"), _rate(stream.get("avg_frame_rate")) or picture_rate
        if text and rate:
            yield Source.TMCD, text, rate
    if tracks or picture_rate is None:
        return
    for stream in streams:
        text = tag(stream, "timecode")
        if text and stream.get("codec_tag_string") == "rtmd":
            yield Source.RTMD, text, _rate(stream.get("avg_frame_rate")) or picture_rate
            return
    source = Source.MXF if "mxf" in str(form.get("format_name", "")) else Source.TAG
    for section in (*sorted(streams, key=lambda stream: stream.get("codec_type") != "video"), form):
        text = tag(section, "timecode")
        if text:
            yield source, text, picture_rate


def _label(text: str, rate: Fraction) -> tuple[Timecode | None, str]:
    """The label, and what is to be said of it."""
    if not _LOOKS_LIKE.fullmatch(text):
        return None, f"The file's timecode {text[:40]} is written in a way that cannot be read; {_NOT_USED}"
    try:
        label = parse_timecode(text.replace(".", ";").replace(",", ";"), rate)
    except ValueError:
        return None, f"The file's timecode {text} does not exist at {_plain(rate)} frames per second; {_NOT_USED}"
    if label.drop and rate.denominator == 1:
        odd = f"The timecode is numbered drop-frame at {_plain(rate)} frames per second, which is not standard"
        return label, f"{odd}: its labels run ahead of the clock by 3.6 s an hour."
    return label, ""


def _created(form: Mapping[str, Any]) -> Fraction | None:
    for name in _CREATED:
        text = tag(form, name)
        if text and re.match(r"\d{4}-\d\d-\d\d.\d\d:", text):
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                continue
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return Fraction(round(moment.timestamp() * 1000), 1000) if moment.year >= _FIRST_YEAR else None
    return None


def _rate(text: object) -> Fraction | None:
    found = ratio(text)
    return standard_rate(found) if found else None


def _plain(rate: Fraction) -> str:
    """`25`, `29.97`."""
    return str(nominal_rate(rate)) if rate.denominator == 1 else f"{float(rate):.2f}"


def as_json(times: FileTimes) -> dict[str, Any]:
    """Plain values for a JSON column."""
    return {
        "created": None if times.created is None else float(times.created),
        "timecodes": [witness_as_json(witness) for witness in times.timecodes],
    }


def witness_as_json(witness: TimecodeWitness) -> dict[str, Any]:
    label = witness.label
    return {
        "source": str(witness.source),
        "label": str(label) if label else None,
        "rate": format_rate(label.rate) if label else None,
        "at": str(witness.at),
        "of_day": str(witness.of_day),
    }


def witness_from_json(stored: Mapping[str, Any]) -> TimecodeWitness:
    """What `witness_as_json` gave."""
    label = parse_timecode(stored["label"], Fraction(stored["rate"])) if stored["label"] else None
    return TimecodeWitness(Source(stored["source"]), Fraction(stored["at"]), label, Fraction(stored["of_day"]))
