"""Why a track and its channels are heard, and what is wrong with the others: one true line."""

from collections.abc import Sequence

from media_app.core.sound.heard import DIFFERENCE, Heard
from media_app.core.sound.tracks import ChannelSummary, TrackSummary

#: Two channels that correlate so are the same.
SAME = 0.995
#: From this correlation down a channel takes away what another one has.
OPPOSITE = -0.5
#: Shares of speech and activity under which a channel with a level holds noise, and a difference that is worth a word.
LITTLE_SPEECH, LITTLE_ACTIVITY = 0.05, 0.1
#: A share of speech that speaks for a channel.
SPEAKS = 0.1
FAINTER_DB = 3.0
#: More numbers than these are a range where they can be.
MOST_LISTED = 4


def reason(tracks: Sequence[TrackSummary], best: TrackSummary, heard: Heard) -> str:
    """For what is heard of the track `best`."""
    positions = [number - 1 for number in heard.channels]
    if all(channel.silent for track in tracks for channel in track.channels):
        return "every channel is silent"
    if all(best.channels[place].silent for place in positions):
        return "there is nothing but timecode (LTC)" + (" and silence" if positions else "")
    notes = [_where(tracks, best, heard) + _what(tracks, best, heard)]
    of_track = f" of track {best.number}" if len(tracks) > 1 else ""
    others = [channel for channel in best.channels if channel.number not in heard.channels]
    notes += _grouped("channel", {c.number: _channel_fault(best, positions, c) for c in others}, of_track)
    notes += _grouped("track", {t.number: _track_fault(t, best, positions) for t in tracks if t is not best})
    if heard.gain_db:
        notes.append(f"raised by {heard.gain_db:.0f} dB, since its level is very low")
    return "; ".join(notes)


def _where(tracks: Sequence[TrackSummary], best: TrackSummary, heard: Heard) -> str:
    count, numbers = len(best.channels), heard.channels
    track = f"track {best.number}" if len(tracks) > 1 else ""
    if heard.how == DIFFERENCE:
        cancel = f"channels {_listed(numbers)} cancel each other when mixed, so their difference is heard"
        return f"{track}: {cancel}" if track else cancel
    if len(numbers) == count:
        return track or {1: "the only channel", 2: "both channels"}.get(count, f"all {count} channels")
    channels = f"channel{'s' * (len(numbers) > 1)} {_listed(numbers)}"
    return f"{track}, {channels}" if track else channels


def _what(tracks: Sequence[TrackSummary], best: TrackSummary, heard: Heard) -> str:
    """What speaks for it, where there was a choice."""
    if len(tracks) == 1 and len(heard.channels) == len(best.channels):
        return ""
    speech = max(best.channels[number - 1].speech for number in heard.channels)
    return f" (speech {speech:.0%} of the time)" if speech >= SPEAKS else ""


def _channel_fault(track: TrackSummary, heard: Sequence[int], channel: ChannelSummary) -> tuple[str, str]:
    """Why a channel is not heard, said of one and of several."""
    if plain := _plain_fault([channel]):
        return plain
    alike = [track.correlation(channel.number - 1, other) for other in heard]
    if max(alike) > SAME:
        return "is a copy", "are copies"
    if min(alike) < OPPOSITE:
        return "would cancel it", "would cancel it"
    return _less(channel, [track.channels[other] for other in heard])


def _track_fault(track: TrackSummary, best: TrackSummary, heard: Sequence[int]) -> tuple[str, str]:
    if plain := _plain_fault(track.channels):
        return plain
    if track.drawback and not best.drawback:
        return f"is {track.drawback}", f"are {track.drawback}"
    fullest = max(track.channels, key=lambda channel: channel.speech)
    return _less(fullest, [best.channels[place] for place in heard])


def _plain_fault(channels: Sequence[ChannelSummary]) -> tuple[str, str] | None:
    sounding = [channel for channel in channels if not channel.silent]
    if not sounding:
        return "is silent", "are silent"
    if all(channel.is_ltc for channel in sounding):
        return "carries timecode (LTC)", "carry timecode (LTC)"
    if all(channel.speech < LITTLE_SPEECH and channel.activity < LITTLE_ACTIVITY for channel in sounding):
        return "has only steady noise or hum", "have only steady noise or hum"
    return None


def _less(channel: ChannelSummary, heard: Sequence[ChannelSummary]) -> tuple[str, str]:
    most = max(other.speech for other in heard)
    if most >= SPEAKS and channel.speech < LITTLE_SPEECH:
        return "has hardly any speech", "have hardly any speech"
    if most > channel.speech + LITTLE_SPEECH:
        return "has less speech", "have less speech"
    if max(_level(other) for other in heard) > _level(channel) + FAINTER_DB:
        return "is fainter", "are fainter"
    return "is about as good", "are about as good"


def _level(channel: ChannelSummary) -> float:
    return -200.0 if channel.level_db is None else channel.level_db


def _grouped(noun: str, faults: dict[int, tuple[str, str]], after: str = "") -> list[str]:
    """`{1: silent, 2: silent, 4: copy}` → "channels 1 and 2 are silent", "channel 4 is a copy"."""
    groups: dict[tuple[str, str], list[int]] = {}
    for number, fault in faults.items():
        groups.setdefault(fault, []).append(number)
    return [
        f"{noun}s {_listed(numbers)}{after} {several}" if len(numbers) > 1 else f"{noun} {numbers[0]}{after} {one}"
        for (one, several), numbers in groups.items()
    ]


def _listed(numbers: Sequence[int]) -> str:
    """`1, 3 and 4`; of many that follow each other the first and the last: `2 to 40`."""
    if len(numbers) > MOST_LISTED and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    *most, last = (str(number) for number in numbers)
    return f"{', '.join(most)} and {last}" if most else last
