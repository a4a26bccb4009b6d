"""From the cards of three cameras and a recorder to a captioned film and a project for any editor, each step held against the truth."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.conf import settings

from studio.demo import judge, run, truth
from studio.demo.cards import Shoot, make_cards, sizes_of
from studio.demo.client import Client, Refused

SLUG, TITLE = "chain", "Two people, three cameras"
#: The size of the film: as the cameras have it.
SIZE = (640, 360)
LOUDNESS_LUFS = -16.0
EXCHANGE = ("fcpxml", "edl", "otio")
MEDIA_ROOT = "/Volumes/Shoot"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the chain: how long it took, and how far what it made is from the truth. `good`: within what is promised."""

    name: str
    seconds: float
    error: str
    good: bool


@dataclass
class Chain:
    """The chain under way. `facts`: what each step found out, for the report."""

    client: Client
    report: Callable[[str], None]
    folder: Path
    steps: list[Step] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, Any]]:
        """A step; what it yields takes its `error`, a sentence, and whether that is `good`."""
        began, found = time.monotonic(), dict[str, Any]()
        self.report(name)
        yield found
        self.steps.append(Step(name, round(time.monotonic() - began, 1), found["error"], bool(found["good"])))
        self.report(f"{name}: {found['error']}")


def walk(client: Client, report: Callable[[str], None]) -> Chain:
    """The whole chain. Raises Refused, TimeoutError."""
    chain = Chain(client, report, truth.demo_folder() / "film")
    chain.folder.mkdir(parents=True, exist_ok=True)
    with chain.step("make the cards") as found:
        shoot = make_cards(truth.demo_folder() / SLUG)
        found |= {"error": f"{len(shoot.files)} files, {shoot.talk.seconds:.0f} s of talk", "good": True}
    session_id = _sent(chain, shoot)
    _synced(chain, shoot, session_id)
    project_id, film = _cut(chain, shoot, session_id)
    _heard(chain, shoot, project_id)
    _filmed(chain, shoot, project_id, film)
    _handed_on(chain, project_id, film)
    return chain


def _sent(chain: Chain, shoot: Shoot) -> str:
    """The files sorted, and each uploaded as the clip that it was sorted to; the session's id."""
    client = chain.client
    with chain.step("sort the cards") as found:
        cameras = client.call("POST", "/v2/files/sort", {"files": list(sizes_of(shoot))})["cameras"]
        placed = {one["path"]: one["cameraKey"] for camera in cameras for one in camera["clips"]}
        wrong = sum(placed.get(one.path) != one.key for one in shoot.files)
        found |= {"error": f"{wrong} of {len(shoot.files)} files in a wrong place", "good": not wrong}
    with chain.step("upload") as found:
        names = {one["cameraLabel"]: one["name"] for one in cameras}
        wish: dict[str, Any] = {
            "title": TITLE,
            "date": run.DEMO_DAY.isoformat(),
            "projectId": "demo",
            "cameraNames": names,
        }
        # Mezzanines are no part of the chain, and dear. Its workers may take recordings of other sessions, too.
        wish |= {"mezzanines": False}
        session_id: str = client.call("POST", "/v2/sessions", wish)["id"]
        truth.remember(session_id, SLUG, shoot.truth_ms)
        for camera in cameras:
            for one in camera["clips"]:
                path = shoot.folder / one["path"]
                kind = run.CONTENT_TYPES[path.suffix.lower()]
                client.send_file(session_id, camera["cameraLabel"], path, kind, one["clip"])
        found |= {"error": f"{sum(one['sizeBytes'] for one in sizes_of(shoot)) / 1e6:.1f} MB", "good": True}  # type: ignore[misc]
    return session_id


def _synced(chain: Chain, shoot: Shoot, session_id: str) -> None:
    client = chain.client
    narrate = run.narrator(chain.report)
    with chain.step("sound and sync") as found:
        run.verdict(client, session_id, narrate)
        synced = run.results(client, session_id, shoot.truth_ms, time.monotonic())
        offsets = synced["cameras"]
        chain.facts |= {"session_id": session_id, "master": synced["master"], "cameras": offsets}
        worst = max(
            (abs(one["error_ms"]) if one["error_ms"] is not None else 1e9 for one in offsets.values()), default=0.0
        )
        sure = sum(one["classification"] == "looks-good" for one in offsets.values())
        found |= {"error": f"{worst:.2f} ms at most, {sure} of {len(offsets)} sure", "good": worst <= 20}
    with chain.step("approve") as found:
        run.approve(client, session_id)
        found |= {"error": "by a person, once", "good": True}
    with chain.step("previews") as found:
        client.wait_for_pictures(session_id, narrate, run.LIMIT_SECONDS)
        found |= {"error": "of all cameras", "good": True}


def _cut(chain: Chain, shoot: Shoot, session_id: str) -> tuple[str, judge.Film]:
    """The first cut, and what the film is to be by it."""
    client = chain.client
    with chain.step("first cut, and words") as found:
        job = client.call("POST", f"/video/multicam/sessions/{session_id}/auto-cut?{_here()}", {})
        ended = client.finished(job["status_url"], lambda _: None, run.LIMIT_SECONDS)
        if ended["status"].lower() != "completed":
            raise Refused(f"The cut was not made: {ended['error_message']}")
        made = ended["result"]
        film = judge.film_of(client.call("GET", f"/v2/sessions/{session_id}/cut"), shoot.starts[chain.facts["master"]])
        well, wide = judge.shown_well(shoot, film)
        split = judge.cuts_in_words(shoot, film)
        chain.facts |= {"project_id": made["project_id"], "shots": made["shots"], "captions": made["captions"]}
        said = f"{100 * well:.1f} % of the speech on the speaker or on both ({100 * wide:.0f} % on both), {split} cuts in words"
        found |= {"error": said, "good": well >= 0.98 and not split}
    return made["project_id"], film


def _heard(chain: Chain, shoot: Shoot, project_id: str) -> None:
    client, captions = chain.client, chain.facts["captions"]
    with chain.step("captions") as found:
        if captions["state"] != "ready":
            found |= {"error": captions["message"], "good": False}
            return
        words = [word for id in captions["transcript_ids"] for word in _words(client, id)]
        start = next(one.start for one in shoot.files if one.camera == "R")
        times = [(word["text"], start + word["start_ms"] / 1000, start + word["end_ms"] / 1000) for word in words]
        said = [word for line in shoot.talk.lines for word in judge.plain(line.text)]
        wrong = judge.word_errors(said, [word for text, *_ in times for word in judge.plain(text)])
        late = judge.at_share(judge.edge_errors_ms(shoot.talk.lines, times), 0.95)
        chain.facts["words"] = {"said": len(said), "wrong": wrong, "edges_p95_ms": round(late, 1)}
        error = f"{wrong} of {len(said)} words wrong, sentences begin and end within {late:.0f} ms (95 %)"
        found |= {"error": error, "good": wrong <= 0.06 * len(said) and late <= 100}


def _words(client: Client, transcript_id: str) -> list[dict[str, Any]]:
    document = client.call("GET", f"/audio/asr/{transcript_id}?{_here()}")
    return [word for segment in document["segments"] for word in segment["words"]]


def _filmed(chain: Chain, shoot: Shoot, project_id: str, film: judge.Film) -> None:
    """The film with mastered sound and captions, and what is seen and heard in it."""
    client, folder = chain.client, chain.folder
    captioned = chain.facts["captions"]["state"] == "ready"
    with chain.step("master and export") as found:
        wish = {
            "projectId": project_id,
            "outputs": [{"name": "film", "width": SIZE[0], "height": SIZE[1], "crf": 20}],
            "audio": {"preset": "normalise_v1"},
        }
        done = run.exported(client, wish | ({"captions": {}} if captioned else {}))
        for name in ["film", *(one["name"] for one in done["captions"])]:
            path = folder / (name if "." in name else f"{name}.mp4")
            path.write_bytes(client.fetch(f"/api/export/{done['jobId']}/download?output={name}"))
        [chain.facts["film"]] = done["outputs"]
        loud, peak = judge.loudness_of(folder / "film.mp4")
        error = f"{loud:.1f} LUFS and {peak:.1f} dBTP ({LOUDNESS_LUFS:g} wanted)"
        found |= {"error": error, "good": abs(loud - LOUDNESS_LUFS) <= 0.5 and peak <= -1.0}
    with chain.step("look at every frame") as found:
        seen = judge.frames_of(folder / "film.mp4", SIZE)
        other, moments = judge.wrong_cameras(film, seen), judge.wrong_moments(shoot, film, seen)
        cues = judge.cues_of((folder / "film.srt").read_text()) if captioned else []
        bare = judge.wrong_captions(film.rate, [(start, end) for start, end, _ in cues], seen)
        hard = judge.unreadable(cues)
        chain.facts["frames"] = {
            "count": len(seen),
            "other_camera": other,
            "other_moment": moments,
            "other_caption": bare,
        }
        said = f"of {len(seen)}: {other} of another camera, {moments} at another moment, {bare} not captioned as film.srt says"
        found |= {
            "error": f"{said}; {len(cues)} captions, {hard} hard to read",
            "good": not (other or moments or bare or hard),
        }


def _handed_on(chain: Chain, project_id: str, film: judge.Film) -> None:
    """The project for other programs, each read again."""
    with chain.step("hand on to editors") as found:
        wanted, wrong = {shot.start for shot in film.shots}, dict[str, int]()
        for form in EXCHANGE:
            path = f"/video/projects/{project_id}/exchange?{_here()}&format={form}&mediaRoot={MEDIA_ROOT}"
            data = chain.client.fetch(path)
            if form == "edl":
                (chain.folder / "film-edl.zip").write_bytes(data)
                data = judge.picture_list(data)
            (chain.folder / f"film.{form}").write_bytes(data)
            wrong[form] = len(wanted - judge.edges_in(form, data, Fraction(film.rate)))
        chain.facts["exchange"] = {"cuts": len(wanted) - 1, "off": wrong}
        said = ", ".join(f"{form.upper()} {count}" for form, count in wrong.items())
        found |= {"error": f"of {len(wanted) - 1} cuts off their frame: {said}", "good": not any(wrong.values())}


def _here() -> str:
    return f"tenant_id={settings.DEFAULT_TENANT}&env={settings.DEFAULT_ENV}"
