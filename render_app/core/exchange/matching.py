"""Which file an edit means: the one of its name whose own clock and length are those that the edit says. Nothing is guessed: none or several
that fit are no match.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePosixPath

from render_app.core.edit.angle import Angle
from render_app.core.edit.media import CHOICES, has, names_of, pointed
from render_app.core.exchange.found import FoundClip
from render_app.core.exchange.nouns import clock_start

#: Programs round a file's length to frames of their timeline.
SLACK_FRAMES = 2
DEFAULT_RATE = Fraction(25)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file as a program may know it: by this name, with this first time on its clock, so long. `first`: when its first frame comes up after time
    zero, in seconds."""

    asset_id: str
    name: str
    clock: Fraction
    run: Fraction
    first: Fraction
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Match:
    """The file that a clip shows, and the time of that file, in ms after its time zero, with which the clip begins; the file lasts until
    `end_ms`."""

    asset_id: str
    begin_ms: Fraction
    end_ms: Fraction


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Why a clip has no file."""

    reason: str


def candidates_of(angle: Angle) -> tuple[Candidate, ...]:
    """A file under its own name and those of its copies, by its timecode and, for programs that do not read that, from 0."""
    found = []
    for choice in (choice for choice in CHOICES if has(angle, choice)):
        (name,), (counted,) = names_of([angle], choice), pointed([angle], choice)
        unit = counted.rate if counted.has_picture else Fraction(counted.samples_per_second)
        clocks = {clock_start(counted, unit) / unit, Fraction(0)}
        rate = counted.rate if counted.has_picture else DEFAULT_RATE
        found += [
            Candidate(angle.asset_id, name, clock, counted.run, counted.first, rate)
            for clock in sorted(clocks, reverse=True)
        ]
    return tuple({(one.name, one.clock): one for one in found}.values())


def match(clip: FoundClip, candidates: Iterable[Candidate], rate: Fraction) -> Match | NoMatch:
    """The one file that a clip of a timeline of this rate can mean."""
    known = list(candidates)
    named = [one for one in known if _is_named(one, clip.media.name)] or [
        one for one in known if _is_named(one, clip.media.reel)
    ]
    if not named:
        return NoMatch("There is no file with this name.")
    fitting = [one for one in named if _fits(one, clip, rate)]
    if not fitting:
        return NoMatch("No file of this name has this timecode and length.")
    if len({one.asset_id for one in fitting}) > 1:
        count = len({one.asset_id for one in fitting})
        return NoMatch(f"{count} files of this name have this timecode and length. Name their session to choose.")
    # By its timecode, before counted from 0.
    one = fitting[0]
    begin = one.first + max(Fraction(0), clip.source - one.clock)
    return Match(one.asset_id, begin * 1000, (one.first + one.run) * 1000)


def _is_named(candidate: Candidate, name: str) -> bool:
    """Whether the names are one, capitals aside; Avid leaves the extension out."""
    own, said = candidate.name.casefold(), name.casefold()
    return said == own or (bool(said) and said == PurePosixPath(own).stem)


def _fits(candidate: Candidate, clip: FoundClip, rate: Fraction) -> bool:
    slack = SLACK_FRAMES / candidate.rate
    media = clip.media
    starts = media.start is None or abs(media.start - candidate.clock) < 1 / candidate.rate
    lasts = media.duration is None or abs(media.duration - candidate.run) <= slack
    begin = clip.source - candidate.clock
    end = begin + (clip.end - clip.at) / rate * clip.speed
    return starts and lasts and -slack <= begin < candidate.run and end <= candidate.run + slack + 1 / rate
