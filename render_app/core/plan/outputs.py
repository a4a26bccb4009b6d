"""Several films of one sequence from one decode: each file is opened once in a command, and its frames go to every film.

Films differ in size, shape and rate, so each draws its own frames by the one rule; they share what is read. The sound is made
once: the same samples, and with the same encoder the same packets.
"""

from collections.abc import Sequence
from fractions import Fraction

from media_app.core.ffmpeg.outputs import timescale
from media_app.core.ffmpeg.sound import SAMPLE_RATE
from render_app.core.plan.commands import Files
from render_app.core.plan.compiling import mix_of, sound_commands
from render_app.core.plan.copying import copied_pictures
from render_app.core.plan.encoding import container_args, copied_args, sound_args
from render_app.core.plan.films import Draft, Extras, Film, OutputsPlan, PlannedFilm
from render_app.core.plan.graph import Chain, Graph, filter_
from render_app.core.plan.job import Job, expected_of, job_of
from render_app.core.plan.mixing import Mix
from render_app.core.plan.outputs_estimate import work_of_films
from render_app.core.plan.parts import layers_in, steadied_commands
from render_app.core.plan.reels import Reels
from render_app.core.plan.shared import STILL, shared_pictures
from render_app.core.plan.smart import share_of
from render_app.core.plan.spans import spans_of

#: The sound before and after it is mastered.
PROGRAM, MASTERED = "program.wav", "mastered.wav"


def compile_outputs(films: Sequence[Film], reels: Reels, extras: Extras | None = None) -> OutputsPlan:
    """The plan of several films of one sequence. Raises NothingToRender, MaskMissing."""
    extras = extras or Extras()
    jobs = [_job(film, reels, extras) for film in films]
    drafts = [Draft(number, film, job) for number, (film, job) in enumerate(zip(films, jobs, strict=True))]
    files, lists = Files(extras.materials), dict[str, str]()
    pictures, frames = _pictures(drafts, extras, files, lists)
    longest = max(jobs, key=lambda job: job.samples(job.end))
    sounds, groups = sound_commands(longest, files, lists)
    mix = mix_of(longest, groups)
    before = [*pictures, *sounds, *(mix.voice_args(role) for role in mix.roles)]
    if extras.mastered:
        before.append(_program(mix))
    return OutputsPlan(
        inputs=files.as_json,
        commands=(*before, _join(drafts, mix, mastered=extras.mastered)),
        files=files.scripts.files | lists,
        frames=(*frames, *(0 for _ in range(len(before) - len(pictures) + 1))),
        films=tuple(_planned(one, mix.samples) for one in drafts),
        still=STILL if extras.still_ms is not None else "",
        mastered_after=len(before) if extras.mastered else None,
        made=files.made,
        warnings=tuple(dict.fromkeys(one.message for job in jobs for one in job.notices)),
        measures=tuple(mix.measures(len(pictures) + len(sounds))),
        work=work_of_films(drafts),
    )


def _job(film: Film, reels: Reels, extras: Extras) -> Job:
    """What is wanted of a film. One that copies has no watermark, which would lie on the frames that it copies too."""
    materials = extras.materials.unmarked if film.gops else extras.materials
    return job_of(film.timeline, {**reels, **film.drawn}, film.blends, film.wish, materials)


def _pictures(
    drafts: Sequence[Draft], extras: Extras, files: Files, lists: dict[str, str]
) -> tuple[list[tuple[str, ...]], list[int]]:
    """The commands for all pictures, those first that find how a clip shakes, and how many frames of the first film each makes."""
    seen = [one for one in drafts if not one.film.sound_only]
    shaking = [one.job for one in seen if any(clip.stabilise for clip in one.job.timeline.clips)]
    spans = (span for job in shaking for span in spans_of(layers_in(job), job.start, job.end))
    steadied = steadied_commands(spans, files)
    encoded = [one for one in seen if not one.film.gops]
    pictures, frames = shared_pictures(encoded, extras, files, lists)
    for one in (one for one in seen if one.film.gops):
        more = copied_pictures(one, files, lists)
        pictures += more
        frames += [0 if encoded else one.job.end - one.job.start, *(0 for _ in more[1:])]
    return [*steadied, *pictures], [*(0 for _ in steadied), *frames]


def _program(mix: Mix) -> tuple[str, ...]:
    """All that is heard as one file, to be mastered."""
    graph = Graph()
    graph.end(mix.draw(graph, 0), (filter_("anull"),), "sound")
    output = ["-map", "[sound]", "-c:a", "pcm_f32le", "-rf64", "auto", "-f", "wav", PROGRAM]
    return (*mix.inputs, "-filter_complex", str(graph), *output)


def _join(drafts: Sequence[Draft], mix: Mix, *, mastered: bool) -> tuple[str, ...]:
    """The last command: the parts of each picture as they are, and the one sound, encoded alike for all."""
    seen = [one for one in drafts if not one.film.sound_only]
    inputs = [part for one in seen for part in ("-f", "concat", "-safe", "0", "-i", one.list_name)]
    graph, labels = Graph(), [f"sound{one.number}" for one in drafts]
    if mastered:
        exact: Chain = (filter_("apad", whole_len=mix.samples), filter_("atrim", end_sample=mix.samples))
        heard, sound = ["-i", MASTERED], graph.add((f"{len(seen)}:a",), exact)
    else:
        heard, sound = mix.inputs, mix.draw(graph, len(seen))
    graph.chains.append(f"[{sound}]asplit={len(labels)}{''.join(f'[{label}]' for label in labels)}")
    outputs = [part for one in drafts for part in _output(one, seen)]
    return (*inputs, *heard, "-filter_complex", str(graph), *outputs)


def _output(one: Draft, seen: Sequence[Draft]) -> list[str]:
    """A film: its picture copied, the sound encoded."""
    profile, picture = one.job.profile, list[str]()
    if not one.film.sound_only:
        on_ticks = ["-bsf:v", _on_ticks(profile.fps)] if one.film.gops else []
        picture = ["-map", f"{seen.index(one)}:v", "-c:v", "copy", *copied_args(profile), *on_ticks]
    encoded = [*sound_args(profile, one.film.wish.channels), *container_args(profile)]
    return [*picture, "-map", f"[sound{one.number}]", *encoded, f"{{output:{one.film.name}}}"]


def _on_ticks(rate: Fraction) -> str:
    """Each frame's times on the grid of its rate, from which MPEG-TS rounds them; they come in ticks of the film."""
    frame = int(timescale(rate) / rate)
    return f"setts=pts=round(PTS/{frame})*{frame}:dts=round(DTS/{frame})*{frame}"


def _planned(one: Draft, samples: int) -> PlannedFilm:
    job, profile = one.job, one.job.profile
    expected = expected_of(job, round(Fraction(samples * profile.audio_sample_rate, SAMPLE_RATE)))
    file = f"{one.film.name}{profile.extension}"
    share = share_of(one.sections) if one.sections else None
    codecs = profile.video_codec, profile.audio_codec
    return PlannedFilm(one.film.name, file, one.film.sound_only, *codecs, expected, tuple(one.copied), share)
