"""The API reference of renders: the texts and examples of `/video/render`."""

from typing import Any

from studio.reference.entries import HERE, Entry, page
from studio.reference.timelines import PROJECT_ID

RENDER_ID, FILM_ID, ARTIFACT_ID = (f"3e0c6a84-6a1d-4c3b-9e57-{number:012d}" for number in range(1, 4))
WISH = HERE | {"project_id": PROJECT_ID, "render_profile": "social_1080p_h264", "audio_mixdown": "stereo"}
PLAN: dict[str, Any] = {
    "inputs": [{"asset_id": FILM_ID, "artifact_id": None, "kind": "original", "name": "B.mov", "checksum": "9f2c…"}],
    "filter_complex": "[0:0]fps=fps=25/1:start_time=1.000000000:round=near,…[s0];…[picture]",
    "maps": ["[picture]"],
    "output_args": ["-an", "-c:v", "libx264", "-crf", "20"],
    "commands": [["-i", "file:{input:0}", "-filter_complex", "…", "-map", "[picture]", "picture-0000.mp4"]],
    "files": {"pictures.txt": "ffconcat version 1.0\nfile 'picture-0000.mp4'\n"},
    "frames": [120, 0, 0],
    "expected": {
        "frames": 120,
        "duration_ms": 4000,
        "width": 1920,
        "height": 1080,
        "fps": "30/1",
        "audio_samples": 192_000,
    },
    "meta": {"render_profile": "social_1080p_h264", "render_cache_key": "5b1e…", "warnings": []},
}
JOB = HERE | {
    "id": RENDER_ID,
    "status": "running",
    "progress": 42.0,
    "progress_step": "frame 52 of 120",
    "plan_snapshot": PLAN,
    "project_id": PROJECT_ID,
    "result_asset_id": None,
    "result_artifact_id": None,
    "render_cache_key": "5b1e…",
    "cache_hit": False,
    "error_code": "",
    "error_message": "",
}
STARTED = {"job_id": RENDER_ID, "status": "queued", "status_url": f"/video/render/jobs/{RENDER_ID}"}
_JOBS, _JOB = "/video/render/jobs", "/video/render/jobs/{render_job_id}"
_CHECKED = (
    "Send project_id (with sequence_id, where it has several) or a sequence_snapshot. What cannot be rendered is 422 and names the record "
    "and the field (not_supported: not yet); another tenant's id is 404."
)

ENTRIES = {
    "POST /video/render/dry-run": Entry(
        "Plan a render",
        f"The plan with every command, exactly as a render runs it; nothing is made. {_CHECKED}",
        WISH,
        PLAN,
    ),
    "POST /video/render": Entry(
        "Render a sequence",
        "202 with the job; 200 with the film where the same was rendered before, or ends within `?wait=`. The film is a new asset with a "
        f"render artifact. Too many at once are 429 with Retry-After. {_CHECKED}",
        WISH,
        STARTED,
    ),
    f"GET {_JOBS}": Entry(
        "List render jobs", "Newest first, without their plans. Filters: status, project_id.", None, page(JOB)
    ),
    f"POST {_JOBS}": Entry(
        "Start a render job",
        f"200 with the job that rendered the same before (cache_hit), else 201. {_CHECKED}",
        WISH,
        JOB,
    ),
    f"GET {_JOB}": Entry("Get a render job", "How far it is, and the plan that it runs.", None, JOB),
    f"POST {_JOB}/run": Entry(
        "Run a render job now",
        "Puts a waiting one before others; tries one again that failed or was canceled.",
        HERE,
        JOB,
    ),
    f"POST {_JOB}/cancel": Entry(
        "Cancel a render job",
        "A waiting one ends at once, a running one within two seconds. 409 for one that has ended.",
        HERE,
        JOB,
    ),
}
