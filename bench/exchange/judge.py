"""A film handed to a format, read back, and compared with what its frames must show."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor

from bench.exchange import readers
from bench.exchange.readers import Seen, Track
from bench.exchange.timelines import HALF, Film, Shot
from render_app.core.edit.angle import Angle, MediaFile
from render_app.core.exchange.lay import lay
from render_app.core.exchange.losses import lost_in
from render_app.core.exchange.nouns import Assembly, Part
from render_app.core.timeline import nouns
from render_app.core.timeline.blending import lay_transitions
from render_app.core.timeline.media import MediaFacts, Span, check_media
from render_app.exchange import Document, formats

#: Format → the readers that it is judged by.
Reader = Callable[[Document, Fraction], list[Track]]
READERS: dict[str, dict[str, Reader]] = {
    "otio": {"OpenTimelineIO": lambda one, rate: readers.by_otio(one.body, "otio_json", rate)},
    "fcp7xml": {"OpenTimelineIO": lambda one, rate: readers.by_otio(one.body, "fcp_xml", rate)},
    "edl": {
        "OpenTimelineIO": lambda one, rate: [
            track
            for body in readers.lists_of(one.body, one.filename)
            for track in readers.by_otio(body, "cmx_3600", rate)
        ],
        "pycmx": lambda one, rate: [readers.by_pycmx(body, rate) for body in readers.lists_of(one.body, one.filename)],
    },
    "fcpxml": {"lxml": lambda one, rate: readers.by_lxml(one.body, rate)},
    "aaf": {
        "OpenTimelineIO": lambda one, rate: readers.by_otio(one.body, "AAF", rate),
        "aaf2": lambda one, rate: readers.by_aaf2(one.body, rate),
    },
}


@dataclass
class Verdict:
    """What a reader found. `off`: frames that show another than they must; `said`: those of them that the report names; `beyond`: frames
    that the file does not have; `faults`: everything, as sentences."""

    frames: int = 0
    off: int = 0
    said: int = 0
    beyond: int = 0
    faults: list[str] = field(default_factory=list)


def assembly_of(film: Film) -> Assembly:
    """The film as Studio lays it."""
    sequence, angles = sequence_of(film), {}
    for track in film.tracks:
        for shot in track:
            angles[nouns.MediaReference(shot.file.name)] = _angle(shot, heard=film.heard)
    media = {
        of: MediaFacts(of.asset_id, True, film.heard, (Span(Fraction(0), Fraction(angle.duration_ms)),))
        for of, angle in angles.items()
    }
    check_media(sequence, media)
    blends = lay_transitions(sequence, media, film.rate)
    assembly = lay(sequence, {of: (Part(angle),) for of, angle in angles.items()}, blends)
    return replace(assembly, title="Proof", drop=film.drop)


def sequence_of(film: Film) -> nouns.Sequence:
    """The film in Studio's nouns."""
    tracks, transitions = [], []
    for number, shots in enumerate(film.tracks):
        clips = tuple(
            nouns.Clip(
                shot.file.name, nouns.MediaReference(shot.file.name), in_ms=shot.in_ms, out_ms=shot.out_ms,
                start_ms=shot.start_ms, speed=shot.speed,
            )
            for shot in shots
        )  # fmt: skip
        tracks.append(nouns.Track(f"track-{number}", "video", clips, order=number))
        transitions += [
            nouns.Transition(f"{number}-{one.into}", "crossfade", one.ms, clips[one.into - 1].id, clips[one.into].id)
            for one in film.dissolves[number]
        ]
    return nouns.Sequence("film", film.rate, "Proof", tracks=tuple(tracks), transitions=tuple(transitions))


def _angle(shot: Shot, *, heard: bool) -> Angle:
    file = shot.file
    rate = f"{file.rate.numerator}/{file.rate.denominator}"
    nominal = floor(file.rate + HALF)
    return Angle(
        camera="", kind="video", offset_ms=0.0, duration_ms=float(-(-file.duration_ms // 1)), asset_id=file.name,
        original_filename=file.name, original=MediaFile(f"file:///media/{file.name}"), fps=rate, frames=file.frames,
        timecode=f"{file.label // nominal // 3600:02d}:00:00:00", timecode_fps=rate, timecode_source="tmcd", width=1920,
        height=1080, sample_rate=48_000, audio_channels=2 if heard else 0, video_start_ms=float(file.first_ms), audio_start_ms=0.0,
    )  # fmt: skip


def judged(film: Film, assembly: Assembly, name: str, reader: str, document: Document | None = None) -> Verdict:
    """One format by one reader; `document`, where it was written before."""
    known, verdict = formats()[name], Verdict()
    document = document or known.write_assembly(assembly, "")
    tracks = READERS[name][reader](document, film.rate)
    said = lost_in(assembly, known.carries)
    excused, slowed = (
        {one.details.get("clip_id") for one in said if one.code == code} for code in ("source_rate", "speed")
    )
    if len(tracks) != len(film.tracks):
        verdict.faults.append(f"{len(tracks)} tracks, not {len(film.tracks)}")
        return verdict
    for number, track in enumerate(tracks):
        verdict.faults += _of_track(film, number, track, slowed)
        for seen in track.seen:
            shot = next(one for one in film.tracks[number] if one.file.name == seen.name)
            _judge(verdict, film, (seen, shot), excused, slowed)
    return verdict


def _of_track(film: Film, number: int, track: Track, slowed: set) -> Iterator[str]:
    """Whether each frame shows one of the files that may be there, and dissolves lie where they must. A file that plays faster than it
    should (`slowed`) may have ended."""
    allowed = film.allowed(number)
    there = {frame: seen.name for seen in track.seen for frame in range(seen.at, seen.end)}
    for frame in sorted(allowed.keys() | there.keys()):
        ended = frame not in there and slowed.intersection(allowed.get(frame, ()))
        if there.get(frame) not in allowed.get(frame, (None,)) and not ended:
            yield f"track {number}, frame {frame}: {there.get(frame)}, not {allowed.get(frame)}"
            break
    wanted = [film.window(number, one) for one in film.dissolves[number]]
    if sorted(track.dissolves) != wanted:
        yield f"track {number}: dissolves {track.dissolves}, not {wanted}"


def _judge(verdict: Verdict, film: Film, pair: tuple[Seen, Shot], excused: set, slowed: set) -> None:
    seen, shot = pair
    file, length = shot.file, seen.end - seen.at
    clock = seen.clock
    if clock is None:
        clock = floor(file.label / file.rate * film.rate + HALF) / film.rate
    speed = Fraction(1) if file.name in slowed else shot.speed
    first = floor((seen.seconds - clock) * file.rate)
    last = floor((seen.seconds - clock) * file.rate + (length - 1) * speed * file.rate / film.rate)
    verdict.frames += length
    verdict.beyond += (first < 0) + (last >= file.frames)
    if first != shot.frame(seen.at, film.rate):
        verdict.off += length
        verdict.said += length if file.name in excused else 0
        verdict.faults += (
            [] if file.name in excused else [f"{file.name} at {seen.at}: {first}, not {shot.frame(seen.at, film.rate)}"]
        )
    if file.name not in slowed and seen.clock is not None and abs(seen.speed - shot.speed) > Fraction(1, 10_000):
        verdict.faults.append(f"{file.name}: speed {seen.speed}, not {shot.speed}")
