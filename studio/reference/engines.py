"""The API reference of the engines and of what follows from them: the texts and examples of `/audio` and of `/video`'s pictures, captions,
chunks and multicam."""

from typing import Any

from media_app.api.engines import ASKED
from studio.reference.entries import HERE, Entry

_ASSET, _CLIP, _PROJECT, _ARTIFACT, _SESSION = (f"5d0e4b17-6a1d-4c3b-9e57-{number:012d}" for number in range(1, 6))
_CAPTIONS = {
    "srt": "1\n00:00:01,200 --> 00:00:02,900\nGood evening, everybody.\n",
    "vtt": "WEBVTT\n\n00:01.200 --> 00:02.900\nGood evening, everybody.\n",
    "ass": "[Script Info]\nScriptType: v4.00+\n…\nDialogue: 0,0:00:01.20,0:00:02.90,Default,,0,0,0,,Good evening, everybody.\n",
}
_FOR_ASSET = HERE | {"asset_id": _ASSET}
_FOR_CLIP = HERE | {"clip_id": _CLIP}
_FOR_PROJECT = HERE | {"project_id": _PROJECT}


def _engine(post: str, name: str, what: str, made: str, **sent: Any) -> dict[str, Entry]:
    """Both routes of an engine: asked at `post`, read under its route without the verb."""
    read = post.removesuffix("/analyze").removesuffix("/auto")
    return {
        f"POST {post}": Entry(name, f"{what} {ASKED}", _FOR_ASSET | sent),
        f"GET {read}/{{artifact_id}}": Entry(
            f"Get {made}", "A document is answered as it is stored, another file by its record."
        ),
    }


ENTRIES: dict[str, Entry] = {
    "POST /audio/ingest": Entry(
        "Register a sound file",
        "Multipart with the file, or JSON with the `uri` of one: it is fetched, then read like every recording.",
    ),
    **_engine("/audio/preprocess", "Clean a sound", "A mono WAV of what is heard, at one rate, without a constant offset.", "a cleaned sound", sample_rate=48000),
    **_engine("/audio/segment", "Divide a sound", "The recording's own samples in pieces of one length.", "a segment", segment_seconds=30, overlap_seconds=0),
    **_engine("/audio/beat-features", "Find the beat", "Beats, downbeats and tempo; empty where there is no steady pulse.", "beat features", min_bpm=60, max_bpm=180),
    **_engine("/audio/asr", "Transcribe speech", "Words with their times and probabilities, offline.", "a transcript", language="en"),
    **_engine("/audio/align", "Align words to bars", "The bar in which each word begins; words between two pieces of music are outside.", "aligned words"),
    **_engine("/audio/semantic-timeline/analyze", "Find speech and music", "Speech, music, silence and other sounds over time, loudness and beats.", "a semantic timeline", include_beats=True, min_silence_ms=300),
    **_engine("/audio/voice-enhance", "Make a voice clearer", "The recording with less noise, as long as it was; kept as it is where that would harm it.", "an enhanced voice", mode="podcast", aggressiveness=0.6),
    **_engine("/video/proxies", "Make a proxy", "A small copy to look at, of 360 or 720 lines.", "a proxy"),
    **_engine("/video/visual-meta/analyze", "Find shots and subjects", "Shots with their dissolves, people with their tracks, motion without that of the camera.", "visual meta", sample_interval_ms=500),
    **_engine("/video/masks/auto", "Cut out a mask", "What points, a box or strokes mark, as a gray picture; `needs_review` where it is not sure.", "a mask", time_ms=1200, box={"x": 0.2, "y": 0.1, "width": 0.4, "height": 0.8}),
    **_engine("/video/regions", "Find faces", "Every face with its track, and a mask; what is in doubt is listed.", "regions", region_types=["face"]),
    "PATCH /video/regions/{artifact_id}": Entry(
        "Change regions by hand",
        "Add, remove or extend regions. A new artifact with masks of its own is made; the one that was read stays.",
        HERE | {"regions": [{"region_id": "face-1", "start_ms": 0, "end_ms": 800}, {"region_id": "face-2", "deleted": True}]},
    ),
    "GET /audio/semantic-timeline/by-clip/{clip_id}": Entry(
        "Get a clip's semantic timeline",
        "In the clip's own time: of its own sound, else of a camera that the approved sync places beside it.",
    ),
    "GET /video/visual-meta/by-clip/{clip_id}": Entry(
        "Get a clip's visual meta", "The newest visual meta of what the clip shows, in the recording's time."
    ),
    "POST /video/visual-meta/reframe-suggestion": Entry(
        "Suggest a crop",
        "Automation of position and scale that keeps the main subject in a frame of another shape. Nothing on the timeline changes.",
        _FOR_CLIP | {"target_aspect_ratio": "9:16", "framing_style": "center"},
    ),
    "POST /video/focus/automation": Entry(
        "Suggest a focus", "Automation that holds the frame on whoever speaks, one position for each utterance.", _FOR_CLIP
    ),
    "POST /video/assist/highlights": Entry(
        "Choose highlights",
        "The stretches that stand out, with their scores. 409 names the recordings that were not analyzed yet.",
        _FOR_PROJECT | {"target_duration_ms": 30000, "pacing": "medium"},
    ),
    "POST /video/anonymise/faces": Entry(
        "Hide faces",
        "Withholds the recording at once, scans it, and makes a copy whose faces are hidden. 201 once the scan has ended, else 202.",
        _FOR_ASSET | {"preset": "strong"},
    ),
    "GET /video/anonymise/faces/{anonymisation_id}": Entry(
        "Get hidden faces", "How far it is, and the ranges that a person has to look at."
    ),
    "POST /video/anonymise/faces/{anonymisation_id}/clear": Entry(
        "Release a recording",
        "A person has looked at what was in doubt: the recording is handed out again, with its faces hidden.",
        HERE | {"cleared_by": "Maya", "cleared_ranges": [{"start_ms": 4000, "end_ms": 5200}]},
    ),
    "POST /video/captions/generate": Entry(
        "Make captions", f"Captions of a recording's transcript; it is transcribed first where that is missing. {ASKED}", _FOR_ASSET | {"language": "en"}
    ),
    "PATCH /video/captions/{artifact_id}": Entry(
        "Edit captions",
        "Change, add or remove captions: all of it, or nothing where one change cannot stand. 409 where another person was faster.",
        HERE | {"revision": 3, "cues": [{"index": 12, "text": "Good evening, everybody."}, {"index": 13, "deleted": True}]},
    ),
    **{
        f"GET /video/captions/{{artifact_id}}/{form}": Entry(f"Download captions as {form.upper()}", "A recording's captions as they stand, edits included.", None, _CAPTIONS.get(form))
        for form in ("srt", "vtt", "ass", "json")
    },
    **{
        f"GET /video/projects/{{project_id}}/captions/{form}": Entry(f"Download a film's captions as {form.upper()}", "The captions of the program as it is cut now.", None, _CAPTIONS.get(form))
        for form in ("srt", "vtt", "ass", "json")
    },
    "GET /video/projects/{project_id}/exchange": Entry(
        "Export to an editing program", "A sequence as OTIO, FCPXML, FCP7 XML, EDL or AAF; `report=1` lists what the format leaves out."
    ),
    "POST /video/projects/import": Entry(
        "Import an edit", "An edited OTIO, FCPXML or EDL becomes a project; its clips are matched to files by name, timecode and length."
    ),
    "GET /video/multicam/sessions": Entry("List multicam sessions", "The newest first, with each angle's place."),
    "POST /video/multicam/sessions": Entry(
        "Create a multicam session",
        "A recording session of assets that are ready; their sync starts at once.",
        HERE | {"title": "Tuesday lesson", "tracks": [{"asset_id": _ASSET, "role": "wide", "camera_label": "A"}]},
    ),
    "GET /video/multicam/sessions/{session_id}": Entry("Get a multicam session", "Its angles, and where they lie."),
    "POST /video/multicam/sessions/{session_id}/align": Entry(
        "Align angles", "The sync that was computed, else the job that computes it. `force` computes it again.", HERE | {"force": False}
    ),
    "POST /video/multicam/sessions/{session_id}/auto-cut": Entry(
        "Cut automatically",
        "A job that cuts to whoever speaks, with a reason for each cut. What a person changed is kept.",
        HERE | {"preset": "interview", "seed": 0, "keep_changes": True},
    ),
    "POST /video/multicam/sessions/{session_id}/first-film": Entry(
        "Make a first film",
        "From an approved sync to a captioned film: cut by who speaks, words, mastered sound, an MP4 with captions burnt in and beside it. Asked for again while it is in the making, it is the same film; 409 `film_in_the_making` for another preset.",
        HERE | {"preset": "interview"},
    ),
    "GET /video/multicam/sessions/{session_id}/first-film": Entry(
        "Get the first film", "Its steps, how far each is, and where the film, its captions and the project for editing programs are read."
    ),
    "DELETE /video/multicam/sessions/{session_id}/first-film": Entry(
        "Cancel the first film", "What runs of it stops; a cut that was made stays."
    ),
    "POST /video/multicam/sessions/{session_id}/speakers": Entry(
        "Identify who speaks",
        "The people of a decided session, distinguished by their microphones: 200 where that is known, else the job that listens to all of them.",
        HERE,
    ),
    "POST /video/multicam/sessions/{session_id}/hear": Entry(
        "Hear a session once",
        "Words, speech and music, or beats of a decided session: one camera is listened to, and what it heard is moved through the sync to those "
        "that heard the same. 202 with the job where nothing was listened to yet.",
        HERE | {"what": "words", "asset_id": _ASSET},
    ),
    "POST /v2/sessions/{session_id}/cut/title": Entry(
        "Draw a title",
        "A PNG with alpha, as large as the frame: the title as an export of this size lays it over its picture. Nothing is kept.",
        {"text": "Tuesday lesson", "style": {"textPreset": "title"}, "width": 1280, "height": 720},
    ),
    "POST /jobs/{job_id}/cancel": Entry("Cancel a job", "It stops within two seconds, and nothing of it is kept. 409 where it has ended."),
    "POST /video/render/chunks/plan": Entry("Plan chunks", "A sequence in parts that can be rendered apart, from its beginning to its end.", _FOR_PROJECT | {"segment_duration_ms": 10000}),
    "POST /video/render/chunks/stitch": Entry("Join chunks", "The film of its rendered parts. 409 chunks_missing names those that are not rendered.", _FOR_PROJECT | {"segments": [{"segment_index": 0, "start_ms": 0, "end_ms": 10000}]}),
    "POST /video/render/jobs/chunked": Entry("Render in chunks", "A job for each part that is not rendered yet; then the film is joined.", _FOR_PROJECT | {"segment_duration_ms": 10000}),
    "POST /video/render/jobs/segments": Entry("Render some chunks", "A job for each named part that is not rendered yet.", _FOR_PROJECT | {"segments": [{"segment_index": 0, "start_ms": 0, "end_ms": 10000}]}),
}  # fmt: skip
