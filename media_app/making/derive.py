"""One local original → what review needs, from one decode: proxy, thumbnail, WAV and peaks.

Damage. A corrupt packet in an hour of picture must not cost the hour, so ffmpeg conceals or leaves out what it cannot
decode, the constant rate repeats a picture there and the sound is filled with silence to keep its time. A file that ends
early must fail, though ffmpeg would call it a success. So the times of all packets are read first (`inspect`) and held
against the length that the container declares, and what was made is held against the packets.
"""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from media_app import process
from media_app.audio import open_wav
from media_app.core import ffmpeg as build
from media_app.core import kinds
from media_app.core.files.decoded import counts_of, lost_pictures, lost_sound
from media_app.making.checks import check_picture, check_sound, streams_of
from media_app.making.explain import decoding_doubts
from media_app.making.files import DerivedFile, Outputs, describe
from media_app.making.inspect import Inspection
from media_app.making.original import run_over_original
from media_app.making.peaks import PEAKS, PeakFollower, peaks_of
from media_app.making.sound import Listened, listen
from media_app.making.tracks import TrackListener
from media_app.making.workspace import Workspace

STEP = "making proxy and sound"


@dataclass(frozen=True, slots=True)
class Reviewed(Outputs):
    """The files that review needs, and what was heard of the sound."""

    listened: Listened | None = None


def derive(path: Path, found: Inspection, work: Workspace, *, settings: build.ProxySettings | None = None) -> Reviewed:
    """Make proxy, thumbnail, WAV and peaks of `path` in the workspace's empty folder, from one decode.

    What a file has not is not made: no picture, no proxy and thumbnail; no sound, no WAV and peaks.
    Raises SourceDamaged when an output is shorter or longer than the packets say, and as `process.run`.
    """
    source = found.source(path)
    tracks = found.tracks(work.folder)
    out = build.ReviewFiles(work.folder / "proxy.mp4", work.folder / "thumbnail.jpg", work.folder / "audio.wav", tracks)
    rate = build.proxy_rate(source.rate) if source.rate else None
    still_at = int(found.duration * rate / 10) if rate else 0
    settings = settings or build.ProxySettings()
    args = build.review_args(source, out, rate=rate, thumbnail_frame=still_at, settings=settings)
    files: list[DerivedFile] = []
    runs = _Runs(found, work)
    with ThreadPoolExecutor(2) as executor:
        follower = _peaks_follower(tracks)
        peaks = executor.submit(follower.run) if follower else None
        try:
            with TrackListener(tracks) as listener:
                runs(args)
        finally:
            if follower:
                follower.complete()
        if source.video:
            files += _picture_files(out, found, rate or Fraction(25), work, executor)
        listened = _listen(path, listener, runs, out.wav, peaks, files) if tracks else None
    return runs.reviewed(files, listened)


def sound_alone(path: Path, found: Inspection, work: Workspace) -> Reviewed:
    """Make WAV and peaks as `derive` does, without decoding the picture. Raises as `derive`; ValueError without sound."""
    tracks = found.tracks(work.folder)
    if not tracks:
        raise ValueError("A WAV is made of sound; this file has none.")
    files: list[DerivedFile] = []
    runs = _Runs(found, work, with_picture=False)
    with TrackListener(tracks) as listener:
        runs(build.tracks_args(path, tracks))
    listened = _listen(path, listener, runs, work.folder / "audio.wav", None, files)
    return runs.reviewed(files, listened)


@dataclass(slots=True)
class _Runs:
    """ffmpeg over one original, and its arguments."""

    found: Inspection
    work: Workspace
    with_picture: bool = True
    finished: list[process.Finished] = field(default_factory=list)

    def __call__(self, args: list[str]) -> process.Finished:
        self.finished.append(run_over_original(args, self.found, self.work, STEP))
        return self.finished[-1]

    def reviewed(self, files: list[DerivedFile], listened: Listened | None) -> Reviewed:
        doubts = (*self.found.info.warnings, *self._lost())
        return Reviewed(
            tuple(files), warnings=doubts, commands=tuple(run.argv for run in self.finished), listened=listened
        )

    def _lost(self) -> tuple[str, ...]:
        """What could not be decoded: counted, or only noticed."""
        stderr, found = self.finished[0].stderr_tail, self.found
        counts = counts_of(stderr)
        video = found.info.video
        picture = lost_pictures(counts.get(video.index), found.frames) if video and self.with_picture else ""
        counted = [*([picture] if picture else []), *lost_sound(counts, found.info.sounds, found.timings)]
        return tuple(counted) or decoding_doubts(stderr)


def _peaks_follower(tracks: tuple[build.TrackOutput, ...]) -> PeakFollower | None:
    """The peaks of an ordinary file are taken while its sound is written; those of others when it is known what is heard."""
    ordinary = len(tracks) == 1 and tracks[0].audio.channels <= 2
    return PeakFollower(tracks[0].wav) if ordinary else None


def _listen(
    path: Path,
    listener: TrackListener,
    runs: _Runs,
    wav: Path,
    peaks: Future[dict[int, bytes]] | None,
    files: list[DerivedFile],
) -> Listened:
    """Add WAV and peaks of what is heard. `peaks`: those of the only track, if there is one."""
    before = len(runs.finished)
    # They read the track's own WAV, which `listen` moves.
    drawn = peaks.result() if peaks else None
    listened = listen(path, runs.found, listener, runs, wav)
    if drawn is None or len(runs.finished) > before:
        drawn = peaks_of(wav)
    files += _sound_files(wav, drawn, listened.found)
    return listened


def _picture_files(
    out: build.ReviewFiles, found: Inspection, rate: Fraction, work: Workspace, executor: Executor
) -> list[DerivedFile]:
    """Proxy and thumbnail, hashed while ffprobe looks at the proxy."""
    described = executor.submit(lambda: (describe(kinds.PROXY, out.proxy), describe(kinds.THUMBNAIL, out.thumbnail)))
    meta = check_picture(streams_of(out.proxy, work), found, rate)
    proxy, still = described.result()
    return [replace(proxy, meta=meta), still]


def _sound_files(wav: Path, peaks: dict[int, bytes], found: Inspection) -> list[DerivedFile]:
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
    return files
