"""What was measured of a file's sound: each channel of each audio track."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

#: Under this level, DC left out, a channel holds nothing but the last bits of a converter, dBFS; unless they speak.
SILENT_DB, SPEAKING = -86.0, 0.1
#: The share of windows with timecode in them from which on a channel is a timecode channel.
LTC_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class ChannelSummary:
    """`number` counts from 1. `level_db`: RMS of the loud parts, `peak_db`: the highest sample, both dBFS, None where every
    sample is the same. From 0 to 1: `zeros`, the share of samples that are zero; `activity`, how much goes on; `speech`, how
    much of the time sounds like speech; `ltc`, the share of looks that found linear timecode. `floor_db`: under it there is
    nothing but the last bits. `name`: which track of a recorder it is, where it was a file of its own."""

    number: int
    level_db: float | None
    peak_db: float | None
    zeros: float
    activity: float
    speech: float
    ltc: float
    floor_db: float = SILENT_DB
    name: str = ""

    @property
    def silent(self) -> bool:
        return self.level_db is None or (self.level_db < self.floor_db and self.speech < SPEAKING)

    @property
    def is_ltc(self) -> bool:
        return self.ltc >= LTC_SHARE

    def lowered(self, decibels: float) -> "ChannelSummary":
        """The same channel, where it was measured so much louder than it is."""
        if not decibels or self.level_db is None or self.peak_db is None:
            return self
        floor = self.floor_db - decibels
        return replace(self, level_db=self.level_db - decibels, peak_db=self.peak_db - decibels, floor_db=floor)

    def as_json(self) -> dict[str, Any]:
        return {
            "channel": self.number,
            "loudness_dbfs": _rounded(self.level_db, 1),
            "peak_dbfs": _rounded(self.peak_db, 1),
            "digital_silence": round(self.zeros, 4),
            "activity": round(self.activity, 3),
            "speech": round(self.speech, 3),
            "ltc": round(self.ltc, 3),
            "floor_dbfs": self.floor_db,
        } | ({"name": self.name} if self.name else {})


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """One audio stream. `stream`: its index in the file; `number`: which audio track it is, from 1.

    `covariance[i][j]`: the mean product of channels i and j, each less its own mean, of full scale. `rank` puts the tracks in
    the order in which the file itself offers them: the smaller, the more it is meant to be heard. `drawback`: why it should
    be heard only where there is nothing else ("marked as commentary", "shorter than the others").
    """

    stream: int
    number: int
    codec: str
    layout: str
    channels: tuple[ChannelSummary, ...]
    covariance: tuple[tuple[float, ...], ...]
    rank: int = 0
    drawback: str = ""

    def named(self, names: Mapping[int, str]) -> "TrackSummary":
        """The same track, with names for its channels by their numbers."""
        channels = (replace(channel, name=names.get(channel.number, "")) for channel in self.channels)
        return replace(self, channels=tuple(channels)) if names else self

    def correlation(self, one: int, other: int) -> float:
        """From −1 (the same, turned over) to 1 (the same), for two positions in `channels`; 0 where one is silent."""
        scale = (self.covariance[one][one] * self.covariance[other][other]) ** 0.5
        return self.covariance[one][other] / scale if scale > 0 else 0.0

    def mixed_power(self, weights: dict[int, float]) -> float:
        """The power of a weighted sum of channels, given by their positions."""
        return sum(a * b * self.covariance[i][j] for i, a in weights.items() for j, b in weights.items())

    @property
    def loudest_db(self) -> float | None:
        levels = [channel.level_db for channel in self.channels if channel.level_db is not None]
        return max(levels, default=None)

    def as_json(self) -> dict[str, Any]:
        return {
            "stream": self.stream,
            "track": self.number,
            "codec": self.codec,
            "layout": self.layout,
            "channels": [channel.as_json() for channel in self.channels],
            "loudness_dbfs": _rounded(self.loudest_db, 1),
            "speech": round(max((channel.speech for channel in self.channels), default=0.0), 3),
            "ltc": any(channel.is_ltc for channel in self.channels),
        }


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)


def from_json(stored: Mapping[str, Any]) -> TrackSummary:
    """A track as `TrackSummary.as_json` described it; how its channels go together is not kept."""
    channels = tuple(_channel_from_json(channel) for channel in stored["channels"])
    return TrackSummary(stored["stream"], stored["track"], stored["codec"], stored["layout"], channels, ())


def _channel_from_json(stored: Mapping[str, Any]) -> ChannelSummary:
    return ChannelSummary(
        number=stored["channel"],
        level_db=stored["loudness_dbfs"],
        peak_db=stored["peak_dbfs"],
        zeros=stored["digital_silence"],
        activity=stored["activity"],
        speech=stored["speech"],
        ltc=stored["ltc"],
        floor_db=stored["floor_dbfs"],
        name=stored.get("name", ""),
    )
