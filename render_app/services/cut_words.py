"""The words of a cut: asked for when it begins, and listened to while its cameras are chosen, so that it has captions.

A cut does not need them: what cannot be listened to is said, and the cut is made without captions.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from media_app.engines import asr, runner
from media_app.engines.base import By, Subject
from media_app.jobs import Run
from media_app.models import MediaAsset, MediaJob
from media_app.services import captions
from render_app.core.autocut.session import best_heard
from render_app.core.edit.multicam import MulticamEdit
from sessions_app.core.tenant import Context
from sessions_app.errors import StudioError

#: How often a cut that is made looks whether the words are there.
LOOK_S = 0.5
State = Literal["ready", "listening", "unavailable"]


@dataclass(frozen=True, slots=True)
class Captions:
    """Whether a cut has captions, and in a sentence why not. `transcript_ids`: what they are made from."""

    state: State
    message: str
    word_count: int = 0
    transcript_ids: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As a cut's result keeps it."""
        return asdict(self)


def ask(context: Context, edit: MulticamEdit, by: By | None = None) -> dict[str, Any]:
    """Ask for the words of the recordings that a cut is heard by; what a job keeps of it: jobs by their assets, and what was refused.
    Where a person has worked on the captions of a recording, those are its words."""
    found: dict[str, Any] = {"jobs": {}, "refused": {}}
    assets = _heard(context, edit)
    known = captions.transcripts_of(assets)
    for asset in assets:
        if asset.pk in known and captions.is_changed_by_hand(known[asset.pk]):
            continue
        try:
            answer = runner.request(asr.ENGINE, Subject(asset), asr.Params(), by)
        except StudioError as error:
            found["refused"][str(asset.pk)] = error.message
        else:
            if isinstance(answer, MediaJob):
                found["jobs"][str(asset.pk)] = str(answer.pk)
    return found


def asked_by(cut: MediaJob) -> dict[str, Any]:
    """What a cut asked for; a cut of an earlier version asked for no words."""
    return cut.input_json.get("words") or {"jobs": {}, "refused": {}}


def wait(run: Run, asked: Mapping[str, Any]) -> None:
    """Wait for words that somebody is listening to now. Those that wait for a worker are not waited for: it may be this one."""
    jobs = MediaJob.objects.filter(pk__in=asked["jobs"].values(), status=MediaJob.Status.PROCESSING)
    while jobs.exists():
        run.check()
        run.progress(92, "listening to words, for captions")
        time.sleep(LOOK_S)


def captions_of(context: Context, edit: MulticamEdit, asked: Mapping[str, Any]) -> Captions:
    """Whether there are captions by now. `asked`: what `ask` found, where it was asked."""
    assets = _heard(context, edit)
    known = captions.transcripts_of(assets)
    missing = [asset for asset in assets if asset.pk not in known]
    if not assets:
        return Captions("unavailable", "The cut has no captions, because no camera of it has sound.")
    words = sum(int(row.meta.get("word_count") or 0) for row in known.values())
    made = words, tuple(str(row.pk) for row in known.values())
    if missing:
        return _missing(missing, asked, made)
    if not words:
        return Captions("ready", "The cut has no captions, because no speech was found in its sound.", *made)
    return Captions("ready", f"The cut has captions of {words} words.", *made)


def _missing(assets: Sequence[MediaAsset], asked: Mapping[str, Any], made: tuple[int, tuple[str, ...]]) -> Captions:
    ids = [str(asset.pk) for asset in assets]
    names = ", ".join(asset.original_filename for asset in assets[:3])
    jobs = MediaJob.objects.filter(pk__in=[asked["jobs"][id] for id in ids if id in asked["jobs"]])
    if any(job.status in MediaJob.UNFINISHED for job in jobs):
        message = f"The words of {names} are still being transcribed. The cut gets its captions when that is done."
        return Captions("listening", message, *made)
    reasons = [*(asked["refused"][id] for id in ids if id in asked["refused"]), *(job.error_message for job in jobs)]
    why = " ".join(dict.fromkeys(filter(None, reasons))) or "No transcript of them has been requested."
    return Captions("unavailable", f"The cut was made without captions of {names}. {why}", *made)


def _heard(context: Context, edit: MulticamEdit) -> list[MediaAsset]:
    """The recordings of the camera whose sound a cut has."""
    label = best_heard(edit)
    ids: Iterable[str] = (one.asset_id for one in edit.cameras.get(label, ()) if one.audio_channels)
    return list(MediaAsset.objects.in_tenant(context).filter(pk__in=ids).order_by("camera_label", "clip"))
