"""The API reference of timelines: the texts and examples of `/video`."""

from dataclasses import dataclass
from typing import Any

from studio.reference.entries import HERE, Entry, page

PROJECT_ID, SEQUENCE_ID, TRACK_ID, CLIP_ID, NEXT_ID = (
    f"7d3a5b10-6a1d-4c3b-9e57-{number:012d}" for number in range(1, 6)
)
NEW_PROJECT = {"title": "Recital", "render_profile": "social_1080p_h264"}
NEW_SEQUENCE = {"name": "Cut 1", "timebase": "30000/1001"}
NEW_TRACK = {"kind": "video", "order": 1, "audio_role": "dialogue"}
NEW_CLIP = {"asset_id": NEXT_ID, "in_ms": 1000, "out_ms": 5000, "start_ms_on_timeline": 0, "speed": 0.5}
NEW_TRANSITION = {"type": "crossfade", "duration_ms": 500, "from_clip_id": CLIP_ID, "to_clip_id": NEXT_ID}
PROJECT = HERE | {"id": PROJECT_ID, **NEW_PROJECT, "sequences": [SEQUENCE_ID], "revision": 7}
SEQUENCE = HERE | {
    "id": SEQUENCE_ID,
    "project_id": PROJECT_ID,
    **NEW_SEQUENCE,
    "duration_ms": None,
    "tracks": [TRACK_ID],
}
TRACK = HERE | {"id": TRACK_ID, "sequence_id": SEQUENCE_ID, **NEW_TRACK}
CLIP = HERE | {"id": CLIP_ID, "track_id": TRACK_ID, **NEW_CLIP, "end_ms": 8000, "clamped": []}
TRANSITION = HERE | {"id": NEXT_ID, "sequence_id": SEQUENCE_ID, **NEW_TRANSITION}
OF_CLIP = {"target_type": "clip", "target_id": CLIP_ID}
FILTERS = {"filters": [{"type": "vignette", "params": {"angle": 0.5}, "enabled": True}]}
STACK = HERE | {"id": NEXT_ID, **OF_CLIP, **FILTERS}
KEYFRAMES = [
    {"time_ms": 0, "value": 1, "interpolation": "ease"},
    {"time_ms": 2000, "value": 1.2, "interpolation": "linear"},
]
MOVED = {"property": "scale", "keyframes": KEYFRAMES}
CURVE = HERE | {"id": NEXT_ID, **OF_CLIP, **MOVED}
NEW_FILTER_PRESET = {"name": "Dream", "tags": ["soft"], "filters": [{"type": "bloom", "params": {"intensity": 0.4}}]}
NEW_MOTION_PRESET = {"name": "Push in", "duration_ms": 2000, "tracks": [MOVED]}
FILTER_PRESET = HERE | {"id": NEXT_ID, "built_in": False, **NEW_FILTER_PRESET}
MOTION_PRESET = HERE | {"id": NEXT_ID, "built_in": False, **NEW_MOTION_PRESET}
SNAPSHOT: dict[str, Any] = SEQUENCE | {
    "tracks": [TRACK | {"clips": [CLIP]}],
    "transitions": [],
    "filter_stacks": [STACK],
    "automation": [],
    "clamped": [],
    "warnings": [],
}
_GAMMA = {"name": "gamma", "type": "number", "unit": "", "default": 1.0, "minimum": 0.1, "maximum": 6}
CATALOGUE: dict[str, Any] = {
    "filters": [{"name": "gamma", "label": "Gamma", "mask": "", "params": [_GAMMA]}],
    "transitions": [{"name": "crossfade", "label": "Crossfade", "duration_ms": 500, "video_alias": "fade"}],
    "fonts": [{"name": "Noto Sans", "color": False}],
}
_REVISION = "With If-Match, a revision that is no longer the project's last one is 409."
_BUILT_IN = "A built-in one is 403."


@dataclass(frozen=True, slots=True)
class _Record:
    """A kind of record: its name and plural, where one is and where they are, what lists and makings say, and examples of what is
    sent to make and to change one, and of what is answered."""

    name: str
    plural: str
    own: str
    listed: str
    about: str
    making: str
    sent: dict[str, Any]
    change: dict[str, Any]
    answered: dict[str, Any]
    rule: str = _REVISION

    def entries(self) -> dict[str, Entry]:
        """The five operations of such records."""
        listed, own, sent, shown = f"/video/{self.listed}", f"/video/{self.own}", HERE | self.sent, self.answered
        kept = f"Fields that are left out keep their value. {self.rule}"
        return {
            f"GET {listed}": Entry(f"List {self.plural}", self.about, None, page(shown)),
            f"POST {listed}": Entry(f"Create a {self.name}", self.making, sent, shown),
            f"GET {own}": Entry(f"Get a {self.name}", "Every field of it.", None, shown),
            f"PATCH {own}": Entry(f"Change a {self.name}", kept, HERE | self.change, shown),
            f"DELETE {own}": Entry(f"Delete a {self.name}", f"What stands on it goes with it. {self.rule}"),
        }


_RECORDS = (
    _Record(
        "project", "projects", "projects/{project_id}", "projects",
        "Newest first. Filters: session_id, tag, render_profile.",
        "With a session_id it is shown on the session's page.",
        NEW_PROJECT, {"title": "Recital, short"}, PROJECT,
    ),
    _Record(
        "sequence", "sequences", "sequences/{sequence_id}", "projects/{project_id}/sequences",
        "The timelines of a project.", "timebase is exact: 25, or 30000/1001 as text.",
        NEW_SEQUENCE, {"duration_ms": 60_000}, SEQUENCE,
    ),
    _Record(
        "track", "tracks", "tracks/{track_id}", "sequences/{sequence_id}/tracks",
        "From the farthest to the nearest. Filters: kind, audio_role.", "A higher order is nearer.",
        NEW_TRACK, {"muted": True}, TRACK,
    ),
    _Record(
        "clip", "clips", "clips/{clip_id}", "tracks/{track_id}/clips",
        "In the order of time. Filters: asset_id, session_id.",
        "It shows an asset_id, a camera of a session (session_id and camera_label; times on the master's clock), text or vector. A number "
        "outside its range is kept and listed in `clamped`; what the medium does not have is 422, with how much there is.",
        NEW_CLIP, {"opacity": 0.8}, CLIP,
    ),
    _Record(
        "transition", "transitions", "transitions/{transition_id}", "sequences/{sequence_id}/transitions",
        "Between clips of one track. Filter: type.",
        "With enough overlap it starts where to_clip does; else it is centered on the cut and takes handles from both media.",
        NEW_TRANSITION, {"duration_ms": 300}, TRANSITION,
    ),
    _Record(
        "filter preset", "filter presets", "presets/filters/{filter_preset_id}", "presets/filters",
        "Built-in ones first. Copy their filters into a stack; nothing applies them by itself. Filters: tag, render_profile.",
        "Filters as a stack has them.", NEW_FILTER_PRESET, {"tags": ["soft", "night"]}, FILTER_PRESET, _BUILT_IN,
    ),
    _Record(
        "motion preset", "motion presets", "presets/motion/{motion_preset_id}", "presets/motion",
        "Built-in ones first. Copy their curves onto a clip. Filter: tag.",
        "Curves as automation has them, one of each property.", NEW_MOTION_PRESET, {"duration_ms": 2500}, MOTION_PRESET, _BUILT_IN,
    ),
)  # fmt: skip


def _of_targets() -> dict[str, Entry]:
    stack, curve = "/video/filter-stacks", "/video/automation"
    of, by_id = "{target_type}/{target_id}", "By its own id."
    return {
        f"GET {stack}/{of}": Entry(
            "Get the filters of a record", "Of a clip, a track or a sequence; 404 while it has none.", None, STACK
        ),
        f"POST {stack}/{of}": Entry(
            "Add filters to a record",
            "Applied in this order. An unknown type or parameter is 422 with details.filter_index; numbers are clamped and listed.",
            HERE | FILTERS,
            STACK,
        ),
        f"PATCH {stack}/{of}": Entry(
            "Change the filters of a record", "The list takes the place of all of them.", HERE | FILTERS, STACK
        ),
        f"DELETE {stack}/{of}": Entry("Remove the filters of a record", _REVISION),
        f"GET {stack}/{{filter_stack_id}}": Entry("Get a filter stack", by_id, None, STACK),
        f"PATCH {stack}/{{filter_stack_id}}": Entry("Change a filter stack", by_id, HERE | FILTERS, STACK),
        f"DELETE {stack}/{{filter_stack_id}}": Entry("Delete a filter stack", by_id),
        f"GET {curve}/{of}": Entry("List the automation of a record", "One curve of each property.", None, page(CURVE)),
        f"POST {curve}/{of}": Entry(
            "Automate a property",
            "Times count from the target's start and ascend. A clip has position_x, position_y, scale, rotation, opacity and volume_db; "
            "tracks and sequences opacity and volume_db.",
            HERE | MOVED,
            CURVE,
        ),
        f"PATCH {curve}/{of}": Entry(
            "Change the automation of a property", "`property` says which.", HERE | MOVED, CURVE
        ),
        f"DELETE {curve}/{of}": Entry("Remove automation", "Of one property with ?property=, else of all."),
        f"GET {curve}/{{automation_id}}": Entry("Get a curve", by_id, None, CURVE),
        f"PATCH {curve}/{{automation_id}}": Entry("Change a curve", by_id, HERE | {"keyframes": KEYFRAMES}, CURVE),
        f"DELETE {curve}/{{automation_id}}": Entry("Delete a curve", by_id),
    }


ENTRIES = {
    **{name: entry for record in _RECORDS for name, entry in record.entries().items()},
    **_of_targets(),
    "POST /video/projects/{project_id}/undo": Entry(
        "Undo",
        "Takes the last change back, with all that it removed; a new revision. 409 when there is none.",
        HERE,
        PROJECT,
    ),
    "POST /video/projects/{project_id}/redo": Entry(
        "Redo", "Makes the change that was undone last once more. 409 when there is none.", HERE, PROJECT
    ),
    "GET /video/catalogue": Entry(
        "Get the catalogue",
        "Everything that an edit may choose from, by its name: filters with their parameters, units and ranges, transitions, profiles, "
        "blend modes, slow motion, roles, what keyframes move, fonts and styles of text.",
        None,
        CATALOGUE,
    ),
    "GET /video/sequences/{sequence_id}/snapshot": Entry(
        "Get a sequence as a snapshot",
        "Everything in it, as a render takes it: what will be clamped, and in `warnings` what would be refused or may surprise.",
        None,
        SNAPSHOT,
    ),
}
