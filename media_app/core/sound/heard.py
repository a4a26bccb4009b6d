"""What of a file's sound is listened to, as a value; and the samples that follow from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_app.core.sound.tracks import ChannelSummary, TrackSummary

MIX, CHANNEL, DIFFERENCE = "mix", "channel", "difference"
BY_HAND = "chosen by hand"
#: Sound whose highest sample is under `FAINT_PEAK_DB` is raised until it is at `RAISED_PEAK_DB`, by `MAX_GAIN_DB` at most.
FAINT_PEAK_DB, RAISED_PEAK_DB, MAX_GAIN_DB = -50.0, -20.0, 70.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What is listened to. `stream`: index in the file; `channels`: numbers from 1, none where there is nothing but timecode.

    `how`: "mix" (the mean of the channels), "channel" (one as it is) or "difference" (half of the first less the second).
    `gain_db` is added to faint sound.
    """

    stream: int
    channels: tuple[int, ...]
    how: str
    reason: str
    gain_db: float = 0.0

    @property
    def is_by_hand(self) -> bool:
        return self.reason == BY_HAND

    @property
    def weights(self) -> dict[int, float]:
        """By which factor each channel, given by its position from 0, enters the sound; the gain is not in it."""
        if self.how == DIFFERENCE:
            return {self.channels[0] - 1: 0.5, self.channels[1] - 1: -0.5}
        return {number - 1: 1 / len(self.channels) for number in self.channels}

    def as_json(self, names: Mapping[int, str] | None = None) -> dict[str, Any]:
        """`names`: what channels are called, where they have names."""
        named = [names[number] for number in self.channels] if names else None
        return {
            "stream": self.stream,
            "channels": list(self.channels),
            "how": self.how,
            "reason": self.reason,
            "gain_db": round(self.gain_db, 1),
        } | ({"names": named} if named else {})


def from_json(stored: Mapping[str, Any]) -> Heard:
    """What `Heard.as_json` gave."""
    channels = tuple(int(number) for number in stored["channels"])
    return Heard(int(stored["stream"]), channels, stored["how"], stored["reason"], float(stored.get("gain_db", 0.0)))


def by_hand(tracks: Sequence[TrackSummary], stream: int, channels: Sequence[int], how: str) -> Heard:
    """The sound that a person chose. Raises ValueError with a sentence for what the file has not."""
    track = next((track for track in tracks if track.stream == stream), None)
    if track is None:
        streams = ", ".join(str(track.stream) for track in tracks)
        raise ValueError(f"The file has no sound in stream {stream}; its audio streams are {streams}.")
    wanted = tuple(dict.fromkeys(channels))
    if not wanted or not all(1 <= number <= len(track.channels) for number in wanted):
        raise ValueError(f"Track {track.number} has channels 1 to {len(track.channels)}; name one or more of them.")
    if not {CHANNEL: len(wanted) == 1, DIFFERENCE: len(wanted) == 2, MIX: True}.get(how, False):
        raise ValueError('`how` must be "mix", "channel" with one channel, or "difference" with two.')
    return Heard(stream, wanted, how, BY_HAND, gain_for([track.channels[number - 1] for number in wanted]))


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a person may listen to, in words and as the API takes it."""

    label: str
    stream: int
    channels: tuple[int, ...]
    how: str

    def as_json(self) -> dict[str, Any]:
        return {"stream": self.stream, "channels": list(self.channels), "how": self.how}

    def stands(self, heard: Heard) -> bool:
        """Whether it is what a person has chosen; of one channel, the mix is the channel."""
        how = CHANNEL if len(heard.channels) == 1 else heard.how
        return heard.is_by_hand and (heard.stream, heard.channels, how) == (self.stream, self.channels, self.how)


def choices(tracks: Sequence[TrackSummary]) -> list[Choice]:
    """What there is to listen to: of each track the mix, each channel, and the difference of each pair of neighbors."""
    found: list[Choice] = []
    for track in tracks:
        place = f"Track {track.number}: " if len(tracks) > 1 else ""
        numbers = tuple(channel.number for channel in track.channels)
        own = [(f"mix of channels {', '.join(map(str, numbers))}", numbers, MIX)] if len(numbers) > 1 else []
        own += [(f"{_called(c)} ({_contents(c)})", (c.number,), CHANNEL) for c in track.channels]
        neighbors = zip(numbers[::2], numbers[1::2], strict=False)
        own += [(f"channel {one} less channel {two}", (one, two), DIFFERENCE) for one, two in neighbors]
        found += [Choice(_capital(place + words), track.stream, channels, how) for words, channels, how in own]
    return found


def _called(channel: ChannelSummary) -> str:
    return f"{channel.name}, channel {channel.number}" if channel.name else f"channel {channel.number}"


def _contents(channel: ChannelSummary) -> str:
    if channel.silent or channel.level_db is None:
        return "silent"
    if channel.is_ltc:
        return "timecode"
    return f"{channel.level_db:.0f} dBFS, speech {channel.speech:.0%}".replace("-", "\N{MINUS SIGN}")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def gain_for(channels: Sequence[ChannelSummary]) -> float:
    """By how many dB these channels are raised: faint ones until they can be heard, loud and silent ones not."""
    peak = max((c.peak_db for c in channels if c.peak_db is not None and not c.silent), default=0.0)
    return min(MAX_GAIN_DB, RAISED_PEAK_DB - peak) if peak < FAINT_PEAK_DB else 0.0


def mixed(block: NDArray[Any], heard: Heard, scale: float = 1.0) -> NDArray[np.int16]:
    """What is heard of a block of samples, shape (n, channels): 16 bits, shape (n,). `scale`: of full scale 1.0 in the
    block, 32768 for floating point, 1 for 16-bit samples."""
    factor = scale * 10 ** (heard.gain_db / 20)
    sound = np.zeros(len(block), np.float32)
    for place, weight in heard.weights.items():
        sound += block[:, place] * np.float32(weight * factor)
    return np.clip(np.rint(sound), -32_768, 32_767).astype(np.int16)
