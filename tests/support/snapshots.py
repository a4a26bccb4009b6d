"""Random requests for renders, each known to be valid or broken in one named way: what the planner is held against.

Written from the published contract alone; nothing of the planner is used. What is valid is drawn so that it must be: clips lie within
their media with handles beside them, transitions are shorter than the clips that they join. What is broken is a valid request with one
fault put in.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
#: ms beside a clip that transitions may take, and that no transition is longer than; the shortest clip, which two of them fit into.
HANDLE, SHORTEST, LONGEST = 300, 650, 1500
TRANSITIONS = (
    "crossfade", "dip_to_black", "dip_to_white", "wipe_left", "wipe_right", "push_left", "push_right", "slide_up", "slide_down",
)  # fmt: skip
PROFILES = ("draft_480p_fast", "preview_720p_fast", "social_1080p_h264", "youtube_4k_h264", "master_4k_prores")
RATES = (24, 25, 30, 50, 60, "24000/1001", "30000/1001", "60000/1001", 1, 240)
#: Filter → its numbers, each with values inside, at and beyond its ends. Levels' points stay 0.05 apart however they are clamped.
FILTERS: Mapping[str, Mapping[str, Sequence[float]]] = {
    "sharpen": {"luma_x": (1, 2, 3, 13, 20, 99), "luma_y": (1, 5, 12, 19, 20), "luma_amount": (-1, 0, 0.3, 5, 9)},
    "vignette": {"angle": (-1, 0, 0.4, 1, 4), "softness": (0, 0.1, 1, 3), "strength": (0, 0.1, 0.77, 1, 2)},
    "hue_shift": {"shift": (-999, -180, 0, 33.3, 180)},
    "film_grain": {"strength": (-1, 0, 0.2, 25, 50, 99)},
    "gamma": {"gamma": (0, 0.1, 1, 2.2, 6, 10)},
    "bloom": {"intensity": (-1, 0, 0.5, 1, 2), "radius": (0, 2, 33, 60, 100)},
    "levels": {"black": (-1, 0, 0.2, 0.45), "white": (0.5, 0.75, 1, 2), "gamma": (0, 0.1, 1, 6, 9)},
    "teeth_whiten": {"strength": (-1, 0, 0.5, 1, 2)},
    "skin_smooth": {"strength": (-1, 0, 0.5, 1, 2)},
    "eye_enhance": {"strength": (-1, 0, 0.5, 1, 2)},
    "face_blur": {"strength": (-1, 0.1, 0.5, 1, 2)},
    "lut": {},
    "exposure": {"exposure": (-9, -3, 0, 0.5, 3, 9)},
    "contrast": {"contrast": (-1, 0, 1, 1.3, 3, 9)},
    "saturation": {"saturation": (-1, 0, 1, 1.3, 3, 9)},
    "temperature": {"temperature": (0, 1000, 3200, 6500, 40000, 1e9)},
    "tint": {"tint": (-2, -1, 0, 0.25, 1, 2)},
}
OF_FACES = ("teeth_whiten", "skin_smooth", "eye_enhance", "face_blur")
#: Property → what it moves, and values inside, at and beyond its ends.
CURVES: Mapping[str, tuple[tuple[str, ...], Sequence[float]]] = {
    "position_x": (("clip",), (-99, -10, 0, 0.5, 0.613, 1, 10)),
    "position_y": (("clip",), (-99, -10, 0, 0.5, 0.613, 1, 10)),
    "scale": (("clip",), (0, 0.01, 0.3, 1, 1.7, 4, 20, 99)),
    "rotation": (("clip",), (-36_000, -90, 0, 12.5, 360)),
    "opacity": (("clip", "track", "sequence"), (-1, 0, 0.003, 0.5, 1, 2)),
    "volume_db": (("clip", "track", "sequence"), (-200, -96, -6, 0, 3.3, 24, 99)),
}
#: A clip's looks and sound: field → values that are valid, those beyond an end among them.
LOOKS: Mapping[str, Sequence[Any]] = {
    "keep_pitch": (True, False),
    "slowmo_quality": ("high", "medium", "fast", None),
    "optical_flow": (True, False),
    "stabilise": (None, {}, {"smoothing": 0, "zoom": 60, "crop": "black"}, {"smoothing": 999, "tripod": True, "zoom": -50}),
    "volume_db": (-200, -96, 0, 3.25, 24, 60),
    "fade_in_ms": (0, 1, 33.3, 5000),
    "fade_out_ms": (0, 1, 33.3, 5000),
    "opacity": (-1, 0, 0.003, 0.5, 1, 2),
    "blend_mode": ("normal", "add", "screen", "multiply", "overlay"),
    "scale_mode": ("fit", "fill", "stretch", "none"),
    "scale": (0, 0.01, 0.333, 1, 1.5, 6, 20, 99),
    "rotation": (-36_000, -45.5, 0, 90, 720.1),
    "position": ({}, {"x": -10, "y": 10}, {"x": 0, "y": 1}, {"x": 0.503, "y": 0.3}, {"x": 99}),
    "crop": ({}, {"left": 0.999}, {"left": 0.3, "right": 0.3, "top": 0.1}, {"bottom": 0.97}, {"top": 0.5, "right": 0.499}),
    "meta": ({}, {"reason": "who speaks", "note": [1, None, {"deep": "\u266b"}]}),
}  # fmt: skip
TEXTS: Sequence[Json] = (
    {"text": "a"},
    {"text": "Wide words that go on\nand on, and on", "size": 1080, "tracking": -500, "align": "left"},
    {"text": "\u0645\u0631\u062d\u0628\u0627 12 \u05e9\u05dc\u05d5\u05dd", "box": {"x": -1, "width": 0.0001}, "fill": "#ff000000"},
    {"text": " a \n\n ", "size": 1, "tracking": 9999},
    {"text": "Tall", "font": "DejaVu Sans", "variation": {"wght": 650}, "box": {"x": 0.5, "y": 0.9, "width": 5}},
)  # fmt: skip
VECTORS: Sequence[Json] = (
    {"shapes": [{"type": "rect", "x": -20_000, "width": 40_000, "height": 1, "radius": 500}]},
    {
        "shapes": [
            {"id": "a", "type": "ellipse", "width": 1e-6, "height": 900, "rotation": 45},
            {"id": "b", "type": "path", "d": "M 0 0 A 9 9 0 1 1 500 500 Z", "stroke": "#00ff0080", "stroke_width": 20_000},
            {"id": "c", "type": "polygon", "points": [[0, 0], [1e5, 0], [5, 900]], "fill": "", "opacity": 2},
            {"id": "d", "type": "line", "points": [[5, 5], [5, 5]], "stroke": "#ffffff", "stroke_width": 3},
        ],
        "boolean_ops": [
            {"id": "o", "op": "difference", "shapes": ["a", "b"]}, {"op": "xor", "shapes": ["o", "c"]},
        ],
    },
)  # fmt: skip


@dataclass(frozen=True)
class Item:
    """Something that a clip may show: how a clip names it, and from when to when it is there in ms, None without an end."""

    names: Json
    begins: float | None
    ends: float | None
    picture: bool = True
    sound: bool = True


@dataclass(frozen=True)
class Stock:
    """What there is: items, and the ids of masks, tables and pictures for watermarks."""

    items: Sequence[Item]
    masks: Sequence[str]
    tables: Sequence[str]
    marks: Sequence[str] = ()

    @property
    def cameras(self) -> list[Item]:
        return [one for one in self.items if "camera_label" in one.names]


@dataclass(frozen=True)
class Case:
    """A request, and what must come of it: `codes` of a refusal, none for a valid one; `details`: what the refusal must name."""

    request: Json
    fault: str = ""
    codes: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


class Draw:
    """Draws valid requests."""

    def __init__(self, random_: random.Random, stock: Stock, *, short: bool = False) -> None:
        """`short`: films that are quick to make."""
        self.random, self.stock, self.short = random_, stock, short

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, of: Sequence[Any]) -> Any:
        return self.random.choice(of)

    def request(self) -> Json:
        """A valid request."""
        snapshot = self.snapshot()
        request: Json = {"sequence_snapshot": snapshot, "render_profile": self.pick(PROFILES)}
        ends = end_of(snapshot)
        extra = {
            "audio_mixdown": self.pick(("stereo", "mono", None)),
            "source": self.pick(("original", "mezzanine", "proxy")),
            "strategy": self.pick(("final", "draft")),
            "normalize_audio": self.pick((True, False, None)),
            "target_loudness_lufs": self.pick((-40, -23.5, -9)),
            "use_voice_enhanced_audio": self.chance(0.5),
        }
        if ends > 400:
            begin = round(self.random.uniform(0, ends - 300), 3)
            extra["range_ms"] = {"start_ms": begin, "end_ms": round(self.random.uniform(begin + 200, ends * 1.5), 3)}
        if self.stock.marks:
            extra["watermark"] = {
                "asset_id": self.pick(self.stock.marks),
                "corner": "top-left",
                "width": self.pick((0.01, 1)),
            }
        return request | {name: value for name, value in extra.items() if self.chance(0.15)}

    def snapshot(self) -> Json:
        tracks = [self.track(number) for number in range(self.pick((1, 1, 2, 3)))]
        transitions = [one for track in tracks for one in track.pop("transitions")]
        made: Json = {"id": "s", "timebase": self.pick(RATES), "tracks": tracks, "transitions": transitions}
        targets = self._targets(tracks)
        stacked = self.random.sample(targets, min(len(targets), self.pick((0, 0, 1, 2))))
        made["filter_stacks"] = [self.stack(*target, tracks) for target in stacked]
        curved = [(kind, id, name) for kind, id in targets for name, (of, _) in CURVES.items() if kind in of]
        chosen = self.random.sample(curved, min(len(curved), self.pick((0, 0, 0, 1, 3))))
        made["automation"] = [self.curve(*one) for one in chosen]
        if self.chance(0.2):
            made["duration_ms"] = self.pick((100, 777.7, 2500) if self.short else (100, 777.7, 60_000))
        if self.chance(0.1):
            made |= {"name": "Tuesday", "meta": {"x": 1}, "project_id": None}
        return made

    def _targets(self, tracks: Sequence[Json]) -> list[tuple[str, str]]:
        clips = [("clip", clip["id"]) for track in tracks for clip in track["clips"]]
        return [*clips, *(("track", track["id"]) for track in tracks), ("sequence", "s")]

    def track(self, number: int) -> Json:
        kind = self.pick(("video", "video", "video", "audio"))
        track: Json = {"id": f"t{number}", "kind": kind, "order": self.random.randint(-2, 2)}
        track |= self._some({"muted": (True,), "hidden": (True,), "volume_db": (-99, -6, 24)}, 0.1)
        if self.chance(0.2):
            track |= {
                "audio_role": "music",
                "ducking": {"key_role": self.pick(("generic", "dialogue")), "amount_db": self.pick((0, 12, 99))},
            }
        return track | self._clips(track)

    def _clips(self, track: Json) -> Json:
        """Clips one after another: they meet, overlap or leave a gap; between those that touch there may be a transition."""
        clips, transitions, at, touched = list[Json](), list[Json](), self.pick((0, 0, 130.5, 40)), False
        for number in range(self.pick((1, 1, 2, 3) if self.short else (1, 2, 3, 6))):
            clip, length = self.clip(f"{track['id']}.{number}", track["kind"])
            clips.append(clip | {"start_ms_on_timeline": at})
            if touched and self.chance(0.5):
                transitions.append(self._transition(clips[-2], clips[-1]))
            step = self.pick((0, 0, -100, -HANDLE + 20, 211.3))
            touched, at = step <= 0, round(max(0, at + length + step), 3)
        return {"clips": clips, "transitions": transitions}

    def _transition(self, first: Json, second: Json) -> Json:
        pair = {"from_clip_id": first["id"], "to_clip_id": second["id"]}
        return {"type": self.pick(TRANSITIONS), "duration_ms": self.pick((120, 180.5, HANDLE - 60)), **pair}

    def clip(self, id: str, kind: str) -> tuple[Json, float]:
        """A clip, and how long it lasts on the timeline."""
        items = [one for one in self.stock.items if kind == "video" or one.sound]
        item = self.pick(items)
        drawn = kind == "video" and self.chance(0.15)
        names = self.pick(({"text": self.pick(TEXTS)}, {"vector": self.pick(VECTORS)})) if drawn else item.names
        there = None if drawn or item.ends is None else item.ends - (item.begins or 0)
        length = self.random.randint(SHORTEST, SHORTEST + 200 if self.short else LONGEST)
        speeds = [
            one for one in (0.01, 0.123, 0.5, 1, 1, 1, 1, 1, 2, 3.3, 16, 33, 100) if self._fits(one, length, there)
        ]
        speed = self.pick(speeds)
        begin = self._begin(item, there, length, speed)
        clip = {"id": id, **names, "in_ms": begin, "out_ms": round(begin + length * speed, 6), "speed": speed}
        clip |= self._some(LOOKS, 0.12)
        if self.chance(0.1):
            clip["mask_artifact_id"] = self.pick(self.stock.masks)
        return clip, (clip["out_ms"] - clip["in_ms"]) / speed

    @staticmethod
    def _fits(speed: float, length: float, there: float | None) -> bool:
        return there is None or (length + 2 * HANDLE) * speed + 1 < there

    def _begin(self, item: Item, there: float | None, length: float, speed: float) -> float:
        if there is None:
            return self.pick((0, 12.5))
        spare = there - (length + 2 * HANDLE) * speed
        return round((item.begins or 0) + HANDLE * speed + self.random.uniform(0, spare), 3)

    def _some(self, of: Mapping[str, Sequence[Any]], share: float) -> Json:
        return {name: self.pick(values) for name, values in of.items() if self.chance(share)}

    def stack(self, kind: str, id: str, tracks: Sequence[Json]) -> Json:
        filters = [self.filter() for _ in range(self.pick((0, 1, 1, 2)))]
        return {"target_type": kind, "target_id": id, "filters": filters}

    def filter(self) -> Json:
        name = self.pick(list(FILTERS))
        params: Json = self._some(FILTERS[name], 0.7)
        if name in OF_FACES or (name == "lut" and self.chance(0.3)):
            params["mask_artifact_id"] = self.pick(self.stock.masks)
        if name == "lut":
            params["lut_artifact_id"] = self.pick(self.stock.tables)
        return {"type": name, "params": params, **({"enabled": False} if self.chance(0.1) else {})}

    def curve(self, kind: str, id: str, name: str) -> Json:
        times = sorted(self.random.sample((0, 0.4, 40, 333.3, 480, 1000, 5000, 1e6), self.random.randint(1, 4)))
        ways = ("linear", "hold", "ease")
        keys = [{"time_ms": ms, "value": self.pick(CURVES[name][1]), "interpolation": self.pick(ways)} for ms in times]
        return {"target_type": kind, "target_id": id, "property": name, "keyframes": keys}


def end_of(snapshot: Json) -> float:
    """When a drawn sequence ends."""
    clips = [clip for track in snapshot["tracks"] for clip in track["clips"]]
    ends = [one["start_ms_on_timeline"] + (one["out_ms"] - one["in_ms"]) / one.get("speed", 1) for one in clips]
    said = snapshot.get("duration_ms")
    return float(max(ends, default=0) if said is None else said)
