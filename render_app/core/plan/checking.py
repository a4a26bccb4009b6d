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
    by_type = {stream["codec_type"]: stream for stream in reversed(found.get("streams", []))}
    video, audio = by_type.get("video"), by_type.get("audio")
    if video is None or audio is None:
        return ["It lacks its picture or its sound."]
    seen = {
        "frames": int(video["nb_read_packets"]),
        "width": video["width"],
        "height": video["height"],
    }
    wrong = [f"{name}: {value}, expected {expected[name]}" for name, value in seen.items() if value != expected[name]]
    samples = _samples(audio)
    if abs(samples - expected["audio_samples"]) > PACKET_SAMPLES:
        wrong.append(f"samples: {samples}, expected {expected['audio_samples']}")
    lasts, asked = Fraction(video["duration"]), Fraction(repr(expected["duration_ms"])) / 1000
    if abs(lasts - asked) > Fraction(1, 1000):
        wrong.append(f"duration: {float(lasts):.6f} s, expected {float(asked):.6f} s")
    return wrong


def _samples(audio: Mapping[str, Any]) -> int:
    return round(Fraction(audio["duration"]) * int(audio["sample_rate"]))
