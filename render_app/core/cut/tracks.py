"""Shots and what is heard → tracks of cameras, from which the clips of a project and the sequence of an export are made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from render_app.core.cut import FOLLOW, MIX, Join, Shot, Sound, Stretch, mix_db


@dataclass(frozen=True, slots=True)
class Voice:
    """A camera's sound, from when to when, as loud as its track."""

    angle: str
    stretch: Stretch
    gain_db: float


@dataclass(frozen=True, slots=True)
class Tracks:
    """The picture, which sounds where `follows`, and with what gain; and the sounds that lie on tracks of their own."""

    shots: tuple[Shot, ...]
    follows: bool
    gain_db: float
    voices: tuple[Voice, ...]

    @property
    def joins(self) -> Iterator[tuple[Join, Shot, Shot]]:
        """Each transition with the shots that it joins. Before the first shot lies nothing."""
        for before, after in pairwise(self.shots):
            if after.switch.join is not None:
                yield after.switch.join, before, after


def tracks_of(shots: Sequence[Shot], sound: Sound, heard: Mapping[str, Sequence[Stretch]]) -> Tracks:
    """The tracks of a cut. `heard`: when each camera that may be heard has sound, in order."""
    follows = sound.source == FOLLOW
    voices = () if follows else _voices(sound, heard, (shots[0].start_ms, shots[-1].end_ms))
    return Tracks(tuple(shots), follows, sound.gain_db if follows else 0.0, voices)


def _voices(sound: Sound, heard: Mapping[str, Sequence[Stretch]], whole: Stretch) -> tuple[Voice, ...]:
    """The cameras that are heard; those of a mix are together as loud as one."""
    labels = heard if sound.source == MIX else [sound.source]
    found = {label: within(heard.get(label, ()), whole) for label in labels}
    gain = sound.gain_db + (mix_db(sum(bool(one) for one in found.values())) if sound.source == MIX else 0.0)
    return tuple(Voice(label, one, gain) for label, one in found.items() if one)


def within(there: Sequence[Stretch], whole: Stretch) -> Stretch | None:
    """From the first to the last of these stretches inside the whole."""
    inside = [(max(a, whole[0]), min(b, whole[1])) for a, b in there if a < whole[1] and whole[0] < b]
    return (inside[0][0], inside[-1][1]) if inside else None
