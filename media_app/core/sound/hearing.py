"""Which of a file's tracks and channels is listened to: by speech first, then by activity and level.

A camera's ordinary stereo track is heard as the mix of both channels. Anything else is chosen: the voice on the third of
eight channels, the microphone on the second track. Where two channels cancel each other in the mix, their difference is
heard. Timecode (LTC) is never part of the sound.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from media_app.core.sound.heard import CHANNEL, DIFFERENCE, MIX, Heard, gain_for
from media_app.core.sound.reasons import OPPOSITE, SAME, reason
from media_app.core.sound.tracks import ChannelSummary, TrackSummary

#: How much of a channel's worth is activity, where speech is 1.
ACTIVITY = 0.2
#: A channel this much under the loudest one is worth nothing, dB; one half as much under it, half.
FAINT_DB = 100.0
#: From this share of the best channel's worth on a channel is heard with it: of a stereo track, and of others.
STEREO_SHARE, SHARE = 0.2, 0.5
#: The channels of a stereo track that have so little in common are two sources, and one that serves so much less is another sound: a phone's
#: music beside a microphone.
UNRELATED, UNRELATED_SHARE = 0.05, 0.4
#: A later track must be this much better than an earlier one to be heard instead of it.
BETTER = 1.25
#: Less worth than this is steady noise or hum; and more than `CLEAR` is a ground to leave other channels out.
NOTHING, CLEAR = 0.02, 0.1
#: A mix with less of its louder channel's power than this has lost it: 9 dB.
CANCELED = 0.125


def choose(tracks: Sequence[TrackSummary]) -> Heard | None:
    """The sound to listen to; None where there are no tracks. The same tracks give the same answer."""
    if not tracks:
        return None
    loudest = _loudest_db(channel for track in tracks for channel in track.channels if not channel.is_ltc)
    best = _best(tracks, loudest)
    heard = _of_track(best, _chosen(best, loudest))
    return replace(heard, reason=reason(tracks, best, heard))


def worth(channel: ChannelSummary, loudest_db: float) -> float:
    """How well a channel serves: 0 for silence and timecode, up to 1.2 for clear speech. `loudest_db`: of all channels."""
    if channel.silent or channel.is_ltc or channel.level_db is None:
        return 0.0
    faint = min(1.0, max(0.0, loudest_db - channel.level_db) / FAINT_DB)
    return (channel.speech + ACTIVITY * channel.activity) * (1 - faint)


def _best(tracks: Sequence[TrackSummary], loudest_db: float) -> TrackSummary:
    """The best track without a drawback (commentary, a short one); with one only where the others have nothing."""
    offered = sorted(tracks, key=lambda track: (not _has_sound(track), track.rank, track.number))
    plain = [track for track in offered if not track.drawback]
    if not any(_track_worth(track, loudest_db) >= NOTHING for track in plain):
        plain = offered
    best = plain[0]
    for track in plain[1:]:
        if _track_worth(track, loudest_db) > max(NOTHING, BETTER * _track_worth(best, loudest_db)):
            best = track
    return best


def _has_sound(track: TrackSummary) -> bool:
    return any(not channel.silent and not channel.is_ltc for channel in track.channels)


def _track_worth(track: TrackSummary, loudest_db: float) -> float:
    return max((worth(channel, loudest_db) for channel in track.channels), default=0.0)


def _loudest_db(channels: Iterable[ChannelSummary]) -> float:
    return max((channel.level_db for channel in channels if channel.level_db is not None), default=0.0)


def _chosen(track: TrackSummary, loudest_db: float) -> tuple[int, ...]:
    """Positions of the channels that are heard: what has sound, then what serves nearly as well as the best."""
    usable = [place for place, channel in enumerate(track.channels) if not channel.is_ltc]
    alive = [place for place in usable if not track.channels[place].silent] or usable
    values = {place: worth(track.channels[place], loudest_db) for place in alive}
    best = max(values.values(), default=0.0)
    if best < CLEAR:
        return tuple(alive)
    stereo = len(track.channels) <= 2
    share = _stereo_share(track, alive) if stereo else SHARE
    chosen = [place for place in alive if values[place] >= share * best]
    return tuple(chosen) if stereo else _without_copies(track, chosen)


def _stereo_share(track: TrackSummary, alive: Sequence[int]) -> float:
    apart = len(alive) == 2 and abs(track.correlation(*alive)) < UNRELATED
    return UNRELATED_SHARE if apart else STEREO_SHARE


def _without_copies(track: TrackSummary, chosen: Sequence[int]) -> tuple[int, ...]:
    """Leave out what an earlier channel has already, and what would take it away."""
    kept: list[int] = []
    for place in chosen:
        alike = [track.correlation(place, other) for other in kept]
        if not any(value > SAME or value < OPPOSITE for value in alike):
            kept.append(place)
    return tuple(kept)


def _of_track(track: TrackSummary, positions: Sequence[int]) -> Heard:
    channels = [track.channels[place] for place in positions]
    how = CHANNEL if len(positions) == 1 and len(track.channels) > 1 else MIX
    if len(positions) == 2 and _cancel(track, *positions):
        how = DIFFERENCE
    return Heard(track.stream, tuple(channel.number for channel in channels), how, "", gain_for(channels))


def _cancel(track: TrackSummary, one: int, other: int) -> bool:
    mixed = track.mixed_power({one: 0.5, other: 0.5})
    return mixed < CANCELED * max(track.covariance[one][one], track.covariance[other][other])
