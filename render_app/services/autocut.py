"""The automatic cut of a decided session: a job that listens to every microphone and writes the session's cut."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

from django.contrib.auth import get_user_model

from media_app import jobs
from media_app.engines.base import By
from media_app.jobs import CannotSucceed, Run
from media_app.models import MediaJob
from media_app.services import quota
from render_app.core.autocut import director, reasons
from render_app.core.autocut.changes import changed_by_hand, made_with, remembered
from render_app.core.autocut.session import best_heard, cameras_of, pictures_of, whole_frames
from render_app.core.autocut.values import Camera, Conversation, Rules, Shot, Wish
from render_app.core.catalogue import cut_styles
from render_app.core.cut import FOLLOW, Cut, Sound, Switch, on_frame
from render_app.core.timeline.edges import exact
from render_app.models import FirstFilm
from render_app.services import camera_motion, conversation, cut_words, cuts, shoot_speakers
from render_app.services.cuts import CutPage
from render_app.services.edit import multicam_edit
from render_app.services.timeline_edits import Caller
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, StudioError
from sessions_app.models import RecordingSession
from sessions_app.services import get_session

TYPE = "auto_cut_v1"
#: The job that goes on with a first film, once its cut is made.
FILM_TYPE = "first_film_v1"
#: How often it may find as many exports of the tenant under way as may be, or words that wait for a worker.
FILM_ATTEMPTS = 40
#: Counts our own changes to what is cut of the same sound.
VERSION = "3"
DEFAULT_STYLE = "interview"


@dataclass(frozen=True, slots=True)
class AutoCut:
    """What is asked for. `preset` names a style of `catalogue/cuts.toml`; None keeps its shortest or longest shot."""

    preset: str = DEFAULT_STYLE
    min_shot_ms: float | None = None
    max_shot_ms: float | None = None
    seed: int = 0
    keep_changes: bool = True

    @property
    def rules(self) -> Rules:
        """The style's rules with what was asked for instead. Raises InvalidInput."""
        style = cut_styles().get(self.preset)
        if style is None:
            known = ", ".join(cut_styles())
            raise InvalidInput(f"There is no preset {self.preset[:40]!r}. Choose one of {known}.", field="preset")
        shortest = style.rules.min_shot_s if self.min_shot_ms is None else self.min_shot_ms / 1000
        longest = style.rules.max_shot_s if self.max_shot_ms is None else self.max_shot_ms / 1000
        if self.max_shot_ms is None:
            longest = max(longest, 2 * shortest)
        if longest < 2 * shortest:
            message = "The longest shot must be at least twice the shortest, so that a long one can be divided."
            raise InvalidInput(message, field="max_shot_ms", details={"min_shot_ms": 1000 * shortest})
        return replace(style.rules, min_shot_s=shortest, max_shot_s=longest)


def start(caller: Caller, session_id: Any, asked: AutoCut) -> MediaJob:
    """The job that cuts a decided session, or the unfinished one that does just that; with it the words are asked for.

    Raises NotDecided, NotFound, InvalidInput, TooMuchWaiting.
    """
    _ = asked.rules
    session = get_session(caller.context, session_id)
    edit = multicam_edit(caller.context, session_id)
    if not pictures_of(edit):
        raise InvalidInput("No camera of this session has a picture, so there is nothing to cut.", field="session_id")
    quota.refuse_job(caller.context)
    what = {"session_id": str(session.pk), "version": edit.version, **asdict(asked)}
    who = {"user_id": caller.user_id, "account": caller.context.user.pk if caller.context.user is not None else None}
    dedupe = f"auto-cut:{session.pk}:" + ":".join(str(value) for value in what.values())
    account = caller.context.user.get_username() if caller.context.user is not None else ""
    more = {**who, "words": cut_words.ask(caller.context, edit, By(caller.user_id, account))}
    return jobs.enqueue(TYPE, session, input_json={**what, **more}, dedupe_key=dedupe[:200])


def latest(session: RecordingSession) -> MediaJob | None:
    """The session's latest automatic cut: one that waits or runs, or how the last one ended."""
    found: MediaJob | None = MediaJob.objects.filter(session=session, type=TYPE).order_by("-created_at", "pk").first()
    return found


def run(run: Run) -> None:
    """The job. Raises CannotSucceed where the session is not decided any more."""
    asked, context = run.job.input_json, run.job.context
    names = [one.name for one in AutoCut.__dataclass_fields__.values()]
    wish = AutoCut(**{name: asked[name] for name in names})
    try:
        edit = multicam_edit(context, asked["session_id"])
    except StudioError as error:
        raise CannotSucceed(error.message) from error
    session = get_session(context, asked["session_id"])
    talk = conversation.heard(
        run, edit, conversation.whole(one for spans in pictures_of(edit).values() for one in spans)
    )
    words = asked.get("words") or cut_words.ask(context, edit)
    cut_words.wait(run, words)
    captions = cut_words.captions_of(context, edit, words)
    run.progress(95, "choosing the cameras")
    moved = camera_motion.of_cameras(context, edit)
    views = [
        replace(one, moving=moved.get(one.label, ()))
        for one in cameras_of(pictures_of(edit), talk, session.camera_names)
    ]
    stored = shoot_speakers.store(context, edit, talk)
    with run.completing() as result:
        result |= _written(_caller(run.job), session, _Directed(wish, talk, views))
        result["captions"] = captions.as_json()
        shoot_speakers.record_if_current(stored, edit)
        go_on(run.job)


def go_on(cut: MediaJob) -> None:
    """Begin what follows in the films that wait for a cut."""
    for film in FirstFilm.objects.filter(cut_job=cut, outcome=""):
        jobs.enqueue(FILM_TYPE, film.session, input_json={"film_id": str(film.pk)}, max_attempts=FILM_ATTEMPTS)


@dataclass(frozen=True, slots=True)
class _Directed:
    """What a cut follows from."""

    wish: AutoCut
    talk: Conversation
    cameras: Sequence[Camera]


def _caller(job: MediaJob) -> Caller:
    user = get_user_model().objects.filter(pk=job.input_json.get("account")).first()
    return Caller(Context(job.tenant_id, job.env, user), job.input_json.get("user_id", ""))


def _written(caller: Caller, session: RecordingSession, directed: _Directed) -> dict[str, Any]:
    """The session's cut, written as one edit of its project."""
    wish, there = directed.wish, cuts.read(caller.context, session.pk)
    keeps = wish.keep_changes and there.project is not None
    kept = changed_by_hand(there.laid) if keeps else ()
    shots = director.direct(directed.talk, directed.cameras, Wish(wish.rules, wish.seed, float(1 / there.rate), kept))
    made = _cut(there, shots, wish)
    page = cuts.write(caller, session.pk, _with_changes(made, there) if keeps else made)
    assert page.project
    return {
        "project_id": str(page.project.pk),
        "sequence_id": str(page.project.sequences.get().pk),
        "revision": page.revision,
        "shots": [_shot(one) for one in shots],
        "meta": _facts(directed, shots),
    }


def _cut(page: CutPage, shots: Sequence[Shot], wish: AutoCut) -> Cut:
    """The shots on the frames of the page's cut. Where nothing was recorded, the shot before lasts."""
    whole = whole_frames(_ms(shots[0].start), _ms(shots[-1].end), page.rate)
    first, last = (on_frame(ms, page.rate) for ms in whole)
    begins = [first, *(on_frame(_ms(one.start), page.rate) for one in shots[1:])]
    ends = [*begins[1:], last]
    sound = best_heard(page.edit) or FOLLOW
    how = {"preset": wish.preset, "seed": wish.seed, "version": VERSION, "sound": sound}
    how["range_ms"] = [float(begins[0]), float(ends[-1])]
    switches = tuple(
        Switch(begin, one.camera, meta=remembered(one, (float(begin), float(end)), how))
        for one, begin, end in zip(shots, begins, ends, strict=True)
    )
    return Cut(begins[0], ends[-1], switches, Sound(sound))


def _with_changes(made: Cut, there: CutPage) -> Cut:
    """A new cut with what a person has set in the one that is there: titles, transitions, and, where they are not as an automatic
    cut left them, the range and the sound."""
    before = there.cut
    joins = {one.at_ms: one.join for one in before.switches if one.join is not None}
    switches = tuple(replace(one, join=joins.get(one.at_ms)) for one in made.switches)
    start, end = max(before.start_ms, made.start_ms), min(before.end_ms, made.end_ms)
    own_range = made_with(there.laid, "range_ms") != [float(before.start_ms), float(before.end_ms)] and start < end
    own_sound = before.sound != Sound(made_with(there.laid, "sound") or "")
    return replace(
        made,
        start_ms=start if own_range else made.start_ms,
        end_ms=end if own_range else made.end_ms,
        switches=switches,
        sound=before.sound if own_sound else made.sound,
        titles=before.titles,
    )


def _ms(seconds: float) -> Fraction:
    return exact(round(1000 * seconds, 6))


def _shot(shot: Shot) -> dict[str, Any]:
    times = {"start_ms": round(1000 * shot.start, 3), "end_ms": round(1000 * shot.end, 3)}
    return {
        **times,
        "angle": shot.camera,
        "reason": reasons.sentence(shot),
        "code": shot.reason,
        "speaker_id": shot.speaker or None,
        "exceptions": list(shot.exceptions),
    }


def _facts(directed: _Directed, shots: Sequence[Shot]) -> dict[str, Any]:
    """What a person may want to know of the cut."""
    talk = directed.talk
    return {
        "speaker_source": "mic",
        "speech_share": {one: round(talk.share_of(one), 4) for one in talk.microphones},
        "uncertain_share": round(talk.doubt, 4),
        "wide": [one.label for one in directed.cameras if one.is_wide],
        "kept": sum(one.reason == "kept" for one in shots),
        "preset": directed.wish.preset,
        "seed": directed.wish.seed,
        "version": VERSION,
    }


HANDLERS = jobs.Handlers(run)
