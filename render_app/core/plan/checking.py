"""Whether a film is what its plan expects: counted in its packets."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

#: A compressed sound ends on a whole packet.
PACKET_SAMPLES = 1024
#: What ffprobe is asked for: packets counted.
ENTRIES = ("-count_packets", "-show_format", "-show_streams")


def faults(found: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """What of a film differs from what was expected, as sentences. `found`: ffprobe's answer; `expected`: the plan's."""
    by_type = _by_type(found)
    video, audio = by_type.get("video"), by_type.get("audio")
    if video is None or (audio is None and expected["audio_samples"]):
        return ["It lacks its picture or its sound."]
    seen = {
        "frames": int(video["nb_read_packets"]),
        "width": video["width"],
        "height": video["height"],
    }
    wrong = [f"{name}: {value}, expected {expected[name]}" for name, value in seen.items() if value != expected[name]]
    samples = _samples(audio) if audio else 0
    if abs(samples - expected["audio_samples"]) > PACKET_SAMPLES:
        wrong.append(f"samples: {samples}, expected {expected['audio_samples']}")
    lasts, asked = Fraction(video["duration"]), Fraction(repr(expected["duration_ms"])) / 1000
    if abs(lasts - asked) > Fraction(1, 1000):
        wrong.append(f"duration: {float(lasts):.6f} s, expected {float(asked):.6f} s")
    return wrong


def _samples(audio: Mapping[str, Any]) -> int:
    return round(Fraction(audio["duration"]) * int(audio["sample_rate"]))


def film_faults(found: Mapping[str, Any], expected: Mapping[str, Any], *, sound_only: bool) -> list[str]:
    """As `faults`, for a film of several, which may be sound alone, or in a container whose streams do not say how long they are."""
    by_type = _by_type(found)
    seen = {"picture": "video" in by_type, "sound": "audio" in by_type}
    wanted = {"picture": not sound_only, "sound": True}
    if seen != wanted:
        return ["It lacks its picture or its sound, or has one too many."]
    measured_ = measured(found)
    names = () if sound_only else ("frames", "width", "height")
    wrong = [
        f"{name}: {measured_[name]}, expected {expected[name]}" for name in names if measured_[name] != expected[name]
    ]
    sound_ms = Fraction(expected["audio_samples"] * 1000, int(by_type["audio"]["sample_rate"]))
    longest = sound_ms if sound_only else max(sound_ms, Fraction(repr(expected["duration_ms"])))
    # Opus and AAC end on a whole packet.
    if abs(Fraction(repr(measured_["duration_ms"])) - longest) > 45:
        wrong.append(f"duration: {measured_['duration_ms']:g} ms, expected {float(longest):g} ms")
    return wrong


def measured(found: Mapping[str, Any]) -> dict[str, Any]:
    """What a film is, read from the file: `found` is ffprobe's answer. Without a picture its facts are null."""
    video = _by_type(found).get("video")
    return {
        "duration_ms": float(round(Fraction(found["format"]["duration"]) * 1000, 3)),
        "width": video["width"] if video else None,
        "height": video["height"] if video else None,
        "fps": _rate(video) if video else None,
        "frames": int(video["nb_read_packets"]) if video else None,
    }


def _rate(video: Mapping[str, Any]) -> str:
    """The rate of its frames; a container that counts in milliseconds says it of the whole alone."""
    rate = Fraction(video["r_frame_rate"])
    return f"{rate.numerator}/{rate.denominator}"


def _by_type(found: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {stream["codec_type"]: stream for stream in reversed(found.get("streams", []))}
