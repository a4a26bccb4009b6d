"""The evidence of a sync as a picture, the same bytes each time."""

import io

import matplotlib

matplotlib.use("Agg")

from matplotlib.figure import Figure

from sync_app.core.values import CameraSync

_SIZE_INCHES = (10.0, 5.6)
_DPI = 96
_INK, _FAINT, _MARK = "#1f2933", "#7b8794", "#c0392b"


def evidence_png(camera: str, sync: CameraSync) -> bytes:
    """A PNG: the correlation curve over the offset above, the lag of each window over the camera's time below."""
    figure = Figure(figsize=_SIZE_INCHES, dpi=_DPI, layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=(3, 2))
    evidence = sync.evidence
    above.plot([ms / 1000 for ms in evidence.curve_ms], evidence.curve, color=_INK, linewidth=0.8)
    for rival in evidence.rivals:
        above.plot(rival.lag_ms / 1000, rival.score, marker="v", color=_FAINT, markersize=5)
    if sync.offset_ms is not None:
        above.axvline(sync.offset_ms / 1000, color=_MARK, linewidth=1, linestyle=":")
    above.set_xlabel(f"Offset on the clock of camera {evidence.compared_with} (s)")
    above.set_ylabel("Standard score")
    above.set_title(_title(camera, sync), fontsize=11)

    shown = [w for w in evidence.windows if w.weight > 0]
    others = [w for w in evidence.windows if w.weight == 0]
    centre = sync.offset_ms if sync.offset_ms is not None else 0.0
    below.plot([w.time_s for w in others], [w.lag_ms - centre for w in others], ".", color=_FAINT, label="left out")
    below.plot([w.time_s for w in shown], [w.lag_ms - centre for w in shown], ".", color=_INK, label="counted")
    below.set_xlabel(f"Time in camera {camera} (s)")
    below.set_ylabel("Lag less offset (ms)")
    if evidence.windows:
        below.legend(loc="upper right", fontsize=8)
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
        axes.ticklabel_format(useOffset=False)

    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _title(camera: str, sync: CameraSync) -> str:
    if sync.offset_ms is None:
        return f"Camera {camera}: no offset found"
    score = "" if sync.confidence is None else f", standard score {sync.confidence:.1f}"
    return f"Camera {camera} starts {sync.offset_ms / 1000:+.4f} s{score}: {sync.classification}"
