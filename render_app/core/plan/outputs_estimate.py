"""What an export will take and weigh, from what exports that were made took: a pure function of both, without a guess.

Its work is the pixels that are decoded once for all films, and those that each film encodes, weighed by what its codec costs. Where
no export was measured the time is not known, and where no film of a codec was, its size is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from render_app.core.catalogue import Profile
from render_app.core.plan.conform import OPENING
from render_app.core.plan.encoding import sound_kbps
from render_app.core.plan.estimate import ENCODING, Work, work_of
from render_app.core.plan.films import Draft
from render_app.core.plan.parts import frame_of, layers_in, parts_of
from render_app.core.plan.smart import EDGE_PRESET, spans_between
from render_app.core.plan.spans import Span, spans_of
from render_app.core.timeline.edges import edge_ms

#: What a pixel costs to encode, beside H.264 at its preset: the processor time of each at 1280 × 720.
CODECS = {"libx265": 9.0, "prores_ks": 8.0, "dnxhd": 1.0, "libvpx-vp9": 18.0}
#: Films that copy, as a codec of their own.
SMART = "smart"
#: The quality that bits for a pixel are said of; six steps are half the bits.
_CRF = 23


@dataclass(frozen=True, slots=True)
class PastExport:
    """An export that was made: the codecs of its films, its work, and how long it took."""

    codecs: tuple[str, ...]
    cost: float
    seconds: float


@dataclass(frozen=True, slots=True)
class PastFilm:
    """A film of a past export, by what it weighs for a pixel at one quality."""

    codec: str
    bits: float


def work_of_films(drafts: Sequence[Draft]) -> dict[str, Any]:
    """The work of an export as its plan keeps it; `films`: what of each its size follows from."""
    works = list(_works(drafts))
    cost = sum(work.pixels + OPENING * (1 + work.openings) + encoding for work, encoding in works)
    return {
        "cost": round(cost),
        "decoded_frames": sum(work.decoded for work, _ in works),
        "needed_frames": sum(work.needed for work, _ in works),
        "codecs": sorted({_codec(one) for one in drafts if not one.film.sound_only}),
        "films": {one.film.name: _weighed(one) for one in drafts},
    }


def _works(drafts: Sequence[Draft]) -> Iterator[tuple[Work, float]]:
    """What is decoded for the encoded films together, and for each that copies, beside what encoding them costs."""
    seen = [one for one in drafts if not one.film.sound_only]
    encoded = [one for one in seen if not one.film.gops]
    if encoded:
        job = encoded[0].job
        work = work_of(list(parts_of(_spans(encoded[0]), frame_of(job).filters)), job.profile.fps)
        yield work, sum(_pixels(one) * _cost(one.job.profile) for one in encoded)
    for one in (one for one in seen if one.film.gops):
        spans = _spans(one)
        edges = [spans_between(spans, part.start, part.end) for part in one.sections if part.medium is None]
        work, profile = work_of(edges, one.job.profile.fps), one.job.profile
        yield work, work.encoded * profile.width * profile.height * ENCODING[EDGE_PRESET]


def _spans(one: Draft) -> Sequence[Span]:
    return spans_of(layers_in(one.job), one.job.start, one.job.end)


def _pixels(one: Draft) -> int:
    profile = one.job.profile
    return (one.job.end - one.job.start) * profile.width * profile.height


def _cost(profile: Profile) -> float:
    return CODECS.get(profile.video_codec, ENCODING.get(profile.preset, 4.0))


def _codec(one: Draft) -> str:
    return SMART if one.film.gops else one.job.profile.video_codec


def _weighed(one: Draft) -> dict[str, Any]:
    """What a film's size follows from: its sound's, which is known beforehand, and its pixels."""
    profile, ms = one.job.profile, edge_ms(one.job.end - one.job.start, one.job.profile.fps)
    kbps = sound_kbps(profile, one.film.wish.channels) or profile.audio_sample_rate * one.film.wish.channels * 24 / 1000
    sound = round(kbps * float(ms) / 8)
    if one.film.sound_only:
        return {"sound_bytes": sound}
    crf = None if one.film.gops else profile.crf
    return {"sound_bytes": sound, "codec": _codec(one), "pixels": _pixels(one), "crf": crf}


def measured(work: Mapping[str, Any], sizes: Mapping[str, int], seconds: float) -> dict[str, Any]:
    """What an export that was made says for those to come. `sizes`: bytes of its films by their names."""
    films = [
        {"codec": one["codec"], "bits": _bits(one, sizes[name] - one["sound_bytes"])}
        for name, one in work["films"].items()
        if "codec" in one and name in sizes
    ]
    return {"codecs": work["codecs"], "cost": work["cost"], "seconds": round(seconds, 2), "films": films}


def _bits(film: Mapping[str, Any], picture: float) -> float:
    """Bits for a pixel, as they would be at the one quality."""
    return float(8 * max(0.0, picture) / film["pixels"] * _share(film))


def _share(film: Mapping[str, Any]) -> float:
    """By how much more a film would weigh at the one quality."""
    return 1.0 if film["crf"] is None else float(2 ** ((film["crf"] - _CRF) / 6))


def estimated(
    work: Mapping[str, Any],
    exports: Sequence[PastExport],
    films: Sequence[PastFilm],
    shares: Mapping[str, float | None],
) -> dict[str, Any]:
    """Seconds and bytes that an export is likely to take; null where nothing like it was measured. `shares`: of each film that copies,
    how much of its frames."""
    # Sound alone has no pixels: what it took says nothing of a film, and what a film took nothing of it.
    seen = [one for one in exports if one.cost and work["cost"]]
    like = [one for one in seen if list(one.codecs) == work["codecs"]]
    pace = median(one.seconds / one.cost for one in like or seen) if seen else None
    outputs = [
        {"name": name, "bytes": _bytes(one, films), "copiedShare": shares.get(name)}
        for name, one in work["films"].items()
    ]
    sizes = [one["bytes"] for one in outputs]
    return {
        "seconds": None if pace is None else round(pace * work["cost"], 1),
        "bytes": None if None in sizes else sum(sizes),
        "decodedFrames": work["decoded_frames"],
        "neededFrames": work["needed_frames"],
        "basedOn": len(like or seen),
        "outputs": outputs,
    }


def _bytes(film: Mapping[str, Any], past: Sequence[PastFilm]) -> int | None:
    if "codec" not in film:
        return int(film["sound_bytes"])
    bits = [one.bits for one in past if one.codec == film["codec"]]
    return round(median(bits) / _share(film) * film["pixels"] / 8 + film["sound_bytes"]) if bits else None
