"""One local original → what review needs: WAV and peaks from one decode of its sound, proxy and thumbnail from one of its picture.

Damage. A corrupt packet in an hour of picture must not cost the hour, so ffmpeg conceals or leaves out what it cannot
decode, the constant rate repeats a picture there and the sound is filled with silence to keep its time. A file that ends
early must fail, though ffmpeg would call it a success. So the times of all packets are read first (`inspect`) and held
against the length that the container declares, and what was made is held against the packets.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from media_app import process
from media_app.audio import open_wav
from media_app.core import ffmpeg as build
from media_app.core import kinds
from media_app.core.files.decoded import counts_of, lost_pictures, lost_sound, no_numbers
from media_app.making.checks import check_picture, check_sound, streams_of
from media_app.making.explain import decoding_doubts
from media_app.making.files import DerivedFile, Outputs, describe
from media_app.making.inspect import Inspection
from media_app.making.original import run_over_original
from media_app.making.peaks import PEAKS, PeakFollower, peaks_of
from media_app.making.sound import Listened, listen
from media_app.making.tracks import TrackListener
from media_app.making.workspace import Workspace

PICTURE, SOUND = "making the proxy", "reading the audio"


@dataclass(frozen=True, slots=True)
class Sounds(Outputs):
    """WAV and peaks of what is heard."""

    listened: Listened | None = None


def derive_picture(
    path: Path, found: Inspection, work: Workspace, *, settings: build.ProxySettings | None = None
) -> Outputs:
    """Make proxy and thumbnail of `path` in the workspace's empty folder, without decoding the sound.

    Raises SourceDamaged when the proxy is shorter or longer than the packets say, and as `process.run`; ValueError where
    there is no picture.
    """
    source = found.source(path)
    if source.rate is None:
        raise ValueError("A proxy is made from a picture; this file has none.")
    rate = build.proxy_rate(source.rate)
    proxy, thumbnail = work.folder / "proxy.mp4", work.folder / "thumbnail.jpg"
    args = build.picture_args(
        *(source, proxy, thumbnail),
        rate=rate,
        thumbnail_frame=int(found.duration * rate / 10),
        settings=settings or build.ProxySettings(),
    )
    run = run_over_original(args, found, work, PICTURE)
    film, still = _picture_files(proxy, thumbnail, found, rate, work)
    lost = _lost_picture(run, found)
    film = replace(film, meta=film.meta | ({"warnings": list(lost)} if lost else {}))
    return Outputs((film, still), warnings=lost, commands=(run.argv,))


def derive_sound(path: Path, found: Inspection, work: Workspace) -> Sounds:
    """Make WAV and peaks of `path` in the workspace's empty folder, without decoding the picture.

    Raises SourceDamaged when the WAV is shorter or longer than the packets say, and as `process.run`; ValueError without sound.
    """
    tracks = found.tracks(work.folder)
    if not tracks:
        raise ValueError("A WAV is made from sound; this file has none.")
    runs: list[process.Finished] = []

    def run(args: list[str]) -> process.Finished:
        # People wait for the verdict, and the pictures of others may be under way.
        runs.append(run_over_original(args, found, work, SOUND, nice=0))
        return runs[-1]

    with ThreadPoolExecutor(1) as executor:
        follower = _peaks_follower(tracks)
        peaks = executor.submit(follower.run) if follower else None
        try:
            with TrackListener(tracks) as listener:
                run(build.tracks_args(path, tracks))
        finally:
            if follower:
                follower.complete()
        # They read the track's own WAV, which `listen` moves.
        drawn = peaks.result() if peaks else None
    wav = work.folder / "audio.wav"
    listened = listen(path, found, listener, run, wav)
    if drawn is None or len(runs) > 1:
        drawn = peaks_of(wav)
    return Sounds(
        _sound_files(wav, drawn, listened.found),
        warnings=_lost_sound(runs[0], found),
        commands=tuple(run.argv for run in runs),
        listened=listened,
    )


def _lost_picture(run: process.Finished, found: Inspection) -> tuple[str, ...]:
    """What of the picture could not be decoded: counted, or only noticed."""
    assert found.info.video
    counted = lost_pictures(counts_of(run.stderr_tail).get(found.info.video.index), found.frames)
    return (counted,) if counted else decoding_doubts(run.stderr_tail, found.info)


def _lost_sound(run: process.Finished, found: Inspection) -> tuple[str, ...]:
    """What of the sound could not be decoded: counted, or only noticed."""
    counted = tuple(lost_sound(counts_of(run.stderr_tail), found.info.sounds, found.timings))
    numbers = no_numbers(run.stderr_tail)
    return (*(counted or decoding_doubts(run.stderr_tail, found.info)), *([numbers] if numbers else []))


def _peaks_follower(tracks: tuple[build.TrackOutput, ...]) -> PeakFollower | None:
    """The peaks of an ordinary file are taken while its sound is written; those of others when it is known what is heard."""
    ordinary = len(tracks) == 1 and tracks[0].audio.channels <= 2
    return PeakFollower(tracks[0].wav) if ordinary else None


def _picture_files(
    proxy: Path, thumbnail: Path, found: Inspection, rate: Fraction, work: Workspace
) -> tuple[DerivedFile, DerivedFile]:
    """Proxy and thumbnail, hashed while ffprobe looks at the proxy."""
    with ThreadPoolExecutor(1) as executor:
        described = executor.submit(lambda: (describe(kinds.PROXY, proxy), describe(kinds.THUMBNAIL, thumbnail)))
        meta = check_picture(streams_of(proxy, work), found, rate)
        film, still = described.result()
    return replace(film, meta=meta), still


def _sound_files(wav: Path, peaks: dict[int, bytes], found: Inspection) -> tuple[DerivedFile, ...]:
    assert found.sound
    with open_wav(wav) as sound:
        check_sound(Fraction(sound.frames, sound.rate), found, found.sound)
        meta = {"rate": sound.rate, "channels": sound.channels, "frames": sound.frames, "duration": sound.seconds}
    files = [describe(kinds.AUDIO_WAV, wav, meta)]
    for per_second, data in peaks.items():
        out = wav.with_name(f"waveform-{per_second}.dat")
        out.write_bytes(data)
        meta = {"points_per_second": per_second, "samples_per_pixel": PEAKS[per_second], "bits": 8}
        files.append(describe(kinds.WAVEFORM, out, meta, variant=str(per_second)))
    return tuple(files)
