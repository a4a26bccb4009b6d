"""The angles that an export cuts: a session's cameras by its approved sync, or assets where the request says how their clocks run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from media_app.core.time.timebase import parse_rate
from media_app.models import MediaAsset
from render_app.core.cut import FOLLOW, Stretch
from render_app.core.edit.angle import pace
from render_app.core.edit.rates import editing_rate
from render_app.core.export.outputs import Base
from render_app.core.export.refusals import refused
from render_app.core.export.timeline import Angle
from render_app.core.plan.reels import Reels, Segment
from render_app.core.timeline.edges import exact
from render_app.core.timeline.media import MediaFacts, Span
from render_app.core.timeline.nouns import CameraReference
from render_app.services import edit, render_media
from render_app.services.render_media import PlacedAsset
from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound
from sessions_app.models import RecordingSession
from sessions_app.services import get_session

_NO_PICTURE = Base(1920, 1080, Fraction(25))


@dataclass(frozen=True, slots=True)
class Shoot:
    """The angles of a request and what they are made of."""

    angles: Mapping[str, Angle]
    reels: Reels
    base: Base
    #: Whose sound is heard where the request says nothing.
    master: str
    session: RecordingSession | None = None


def shoot_of(context: Context, asked: Mapping[str, Any], source: str) -> Shoot:
    """The angles of a request. Raises NotFound, NotDecided, ExportRefused."""
    if "sessionId" in asked:
        return _session_shoot(context, asked, source)
    return _asset_shoot(context, asked, source)


def _session_shoot(context: Context, asked: Mapping[str, Any], source: str) -> Shoot:
    session = get_session(context, asked["sessionId"])
    found = edit.multicam_edit(context, session.pk)
    names = list(dict.fromkeys([*found.cameras, *(angle.camera for angle in found.angles)]))
    content = {name: CameraReference(str(session.pk), name) for name in names}
    reels = render_media.camera_reels(context, content.values(), source)
    angles = {name: _angle(name, of, reels[of], whole=name in found.cameras) for name, of in content.items()}
    leader = found.leader
    size = (leader.width or 1920, leader.height or 1080) if leader else (1920, 1080)
    base = Base(size[0] // 2 * 2, size[1] // 2 * 2, found.rate) if leader else _NO_PICTURE
    return Shoot(angles, reels, base, _first_heard(angles, found.master[:1]), session)


def _asset_shoot(context: Context, asked: Mapping[str, Any], source: str) -> Shoot:
    placed = {}
    for name, said in asked["angles"].items():
        asset = _usable(context, said["assetId"], f"angles.{name}.assetId")
        clock = exact(said.get("offsetMs") or 0), pace(said.get("driftPpm") or 0.0)
        placed[CameraReference("", name)] = PlacedAsset(asset, *clock)
    reels = render_media.placed_reels(context, placed, source)
    angles = {of.camera_label: _angle(of.camera_label, of, reels[of]) for of in placed}
    return Shoot(angles, reels, _base_of([one.asset for one in placed.values()]), _first_heard(angles, ""))


def _usable(context: Context, id: str, field: str) -> MediaAsset:
    """A film or a sound of the tenant that has been looked at. Raises NotFound, ExportRefused."""
    asset = MediaAsset.objects.in_tenant(context).filter(pk=id).first()
    if asset is None:
        raise NotFound(f"There is no asset {id} here. Check the id.", field=field)
    if not asset.inspected or asset.kind not in (MediaAsset.Kind.VIDEO, MediaAsset.Kind.AUDIO):
        raise refused(field, f"is {asset.status}, of kind {asset.kind}: what is cut is film or sound that is ready.")
    return asset


def _base_of(assets: Iterable[MediaAsset]) -> Base:
    film = next((one for one in assets if one.kind == MediaAsset.Kind.VIDEO and one.width and one.height), None)
    if film is None:
        return _NO_PICTURE
    assert film.width
    assert film.height
    return Base(film.width // 2 * 2, film.height // 2 * 2, editing_rate(parse_rate(film.fps)))


def _angle(name: str, content: CameraReference, segments: Sequence[Segment], *, whole: bool = True) -> Angle:
    seen = [one for one in segments if one.picture is not None]
    heard = [one for one in segments if one.sound is not None and one.sound.sound is not None]
    return Angle(name, content, _stretches(seen), _stretches(heard), whole)


def _stretches(segments: Iterable[Segment]) -> tuple[Stretch, ...]:
    return tuple((one.start_ms, one.end_ms) for one in segments if one.start_ms is not None and one.end_ms is not None)


def _first_heard(angles: Mapping[str, Angle], master: str) -> str:
    """The master where it has sound, else the first angle that has; without one, what is seen, which is silent."""
    heard = [name for name, angle in angles.items() if angle.heard]
    return master if master in heard else next(iter(heard), FOLLOW)


def media_of(shoot: Shoot) -> dict[Any, MediaFacts]:
    """What transitions may take beyond their cuts."""
    return {
        angle.content: MediaFacts(
            f"Angle {name}", bool(angle.seen), bool(angle.heard), tuple(Span(*one) for one in angle.seen or angle.heard)
        )
        for name, angle in shoot.angles.items()
    }
