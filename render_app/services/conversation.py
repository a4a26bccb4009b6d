"""Who speaks in a decided shoot, heard by all of its microphones: for the automatic cut, and for the job that finds who speaks."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from media_app.jobs import Run
from media_app.models import MediaAsset
from media_app.services.sound import sound_bytes, sound_of
from render_app.core.autocut import hearing, speakers
from render_app.core.autocut.session import SessionMicrophone
from render_app.core.autocut.values import Conversation, Span
from render_app.core.edit.multicam import MulticamEdit

#: Counts our own changes to who is heard in the same sound.
VERSION = "1"


def whole(spans: Iterable[Span]) -> Span:
    """From where the first begins to where the last ends."""
    known = list(spans)
    return Span(min(one.start for one in known), max(one.end for one in known))


def heard(run: Run, edit: MulticamEdit, span: Span) -> Conversation:
    """Who speaks in a span of the master's clock. Its progress is that of the job up to 85 percent."""
    with ExitStack() as held:
        microphones = list(_microphones(run, edit, held))
        if not microphones:
            return speakers.nobody(span.start, span.seconds)
        found = hearing.listen(microphones, span.start, span.seconds, _reporting(run, span.seconds))
    return speakers.who_speaks(found)


def _reporting(run: Run, seconds: float) -> hearing.Report:
    def report(done: float) -> None:
        run.check()
        run.progress(5 + 80 * min(1.0, done / max(seconds, 1e-6)), "listening to who speaks")

    return report


def _microphones(run: Run, edit: MulticamEdit, held: ExitStack) -> Iterator[SessionMicrophone]:
    angles = [one for one in edit.angles if one.audio_channels]
    rows = MediaAsset.objects.in_tenant(run.job.context).filter(pk__in=[one.asset_id for one in angles])
    assets = {str(one.pk): one for one in rows}
    run.reserve(sum(sound_bytes(one) for one in assets.values()))
    for label in dict.fromkeys(one.label for one in angles):
        clips = [one for one in angles if one.label == label and one.asset_id in assets]
        sounds = [
            held.enter_context(sound_of(assets[one.asset_id], _folder(run, one.camera), cancelled=run.cancelled))
            for one in clips
        ]
        yield SessionMicrophone(label, zip(clips, sounds, strict=True))


def _folder(run: Run, name: str) -> Path:
    folder = run.scratch / f"heard-{name}"
    folder.mkdir(exist_ok=True)
    return folder
