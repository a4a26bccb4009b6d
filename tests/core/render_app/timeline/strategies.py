"""Timelines that are good by construction, as JSON."""

from typing import Any

from hypothesis import strategies as st

from render_app.core import catalogue
from render_app.core.timeline.fields import Number

RATES = ("24000/1001", "24/1", "25/1", "30000/1001", "30/1", "50/1", "60000/1001", "60/1")
times = st.integers(0, 10**7) | st.floats(0, 1e7, allow_nan=False, width=32).map(lambda ms: round(ms, 3))
metas = st.dictionaries(st.text("abc", min_size=1), st.integers() | st.text("xyz") | st.none(), max_size=2)


def _content() -> st.SearchStrategy[dict[str, Any]]:
    text = st.fixed_dictionaries(
        {"text": st.text("Hello\n", min_size=1).filter(str.strip)}, optional={"size": st.integers(4, 400)}
    )
    shape = st.fixed_dictionaries(
        {"type": st.just("rect"), "width": st.integers(1, 900), "height": st.integers(1, 900)}
    )
    vector = st.fixed_dictionaries({"shapes": st.lists(shape, min_size=1, max_size=3)})
    return (
        st.fixed_dictionaries({"asset_id": st.sampled_from("mno")}, optional={"artifact_id": st.just("art")})
        | st.fixed_dictionaries({"session_id": st.just("shoot"), "camera_label": st.sampled_from("AB")})
        | st.fixed_dictionaries({"text": text})
        | st.fixed_dictionaries({"vector": vector})
    )


@st.composite
def clips(draw: Any) -> dict[str, Any]:
    """A clip of any content."""
    start = draw(times)
    optional = {
        "speed": st.sampled_from((0.25, 0.5, 1, 1.5, 2, 100)),
        "slowmo_quality": st.sampled_from((None, *catalogue.slow_motions())),
        "stabilise": st.none() | st.fixed_dictionaries({"smoothing": st.integers(0, 100)}),
        "opacity": st.floats(0, 1),
        "blend_mode": st.sampled_from(list(catalogue.blends())),
        "crop": st.fixed_dictionaries({"left": st.floats(0, 0.4), "right": st.floats(0, 0.4)}),
        "position": st.fixed_dictionaries({"x": st.floats(-1, 2)}),
        "start_ms_on_timeline": times,
        "fade_in_ms": times,
        "meta": metas,
    }
    rest = draw(st.fixed_dictionaries({}, optional=optional))
    return {**draw(_content()), "in_ms": start, "out_ms": start + draw(st.integers(1, 10**6)), **rest}


@st.composite
def filters(draw: Any) -> dict[str, Any]:
    """A filter with every number at some place of its range or beyond."""
    kind = draw(st.sampled_from([one for one in catalogue.filters().values() if one.name not in ("levels", "lut")]))
    numbers = [one for one in kind.params if isinstance(one, Number)]
    params = {one.name: draw(st.floats(one.low - 1, one.high + 1)) for one in numbers}
    return {"type": kind.name, "params": params, "enabled": draw(st.booleans())}


@st.composite
def sequences(draw: Any) -> dict[str, Any]:
    """A sequence of video tracks with stacks, curves and a transition between neighbors."""
    tracks = draw(st.lists(st.lists(clips(), max_size=4), max_size=3))
    rows = [
        {"id": f"t{n}", "kind": "video", "clips": [{"id": f"t{n}c{m}", **clip} for m, clip in enumerate(of)]}
        for n, of in enumerate(tracks)
    ]
    ids = [clip["id"] for row in rows for clip in row["clips"]]
    pairs = [(a["id"], b["id"]) for row in rows for a, b in zip(row["clips"], row["clips"][1:], strict=False)]
    curve = {
        "property": "scale",
        "keyframes": [{"time_ms": 0, "value": 1}, {"time_ms": draw(st.integers(1, 999)), "value": 99}],
    }
    return {
        "id": "s",
        "timebase": draw(st.sampled_from(RATES)),
        "duration_ms": draw(st.none() | st.integers(1, 10**6)),
        "tracks": rows,
        "transitions": [
            {"type": draw(st.sampled_from(list(catalogue.transitions()))), "from_clip_id": a, "to_clip_id": b}
            for a, b in pairs
        ],
        "filter_stacks": [
            {"target_type": "clip", "target_id": id, "filters": draw(st.lists(filters(), max_size=2))} for id in ids[:2]
        ],
        "automation": [{"target_type": "clip", "target_id": id, **curve} for id in ids[:1]],
    }
