"""Which clips of a camera are chapters of one recording, kept with the assets."""

from collections.abc import Iterable, Mapping

from media_app.core.cards import chapters
from media_app.core.cards.seams import Recorded, contradiction
from media_app.core.cards.takes import CardFile
from media_app.core.cards.tracks import JoinedTake
from media_app.core.files.device import Device, from_json
from media_app.core.time.witness import Witnesses
from media_app.models import MediaAsset, Upload
from media_app.services.sound import joined_of, witnesses_of
from sessions_app.core.cameras import camera_key
from sessions_app.errors import InvalidInput
from sessions_app.models import RecordingSession

#: What `link` changes of an asset.
LINKED = ["continues", "warnings", "chapter_warnings"]


def refuse_doubled(session: RecordingSession, camera: str, clip: int, file: CardFile, fingerprint: str) -> None:
    """Raise InvalidInput when another clip of the camera is the same chapter of the same recording: of this name and size, and of
    this fingerprint where both have one."""
    by_clip = _by_clip(session, camera)
    clips = _clips(by_clip) | {clip: file}
    for same in chapters.doubled(clips, clip):
        known = _fingerprint(by_clip[same])
        if not (known and fingerprint and known != fingerprint):
            raise InvalidInput(
                f"{file.name} is the same chapter as {clips[same].name}, which is already here as {camera_key(camera, same)}. "
                "Replace that clip, or leave this file out.",
                field="filename",
            )


def _fingerprint(asset: MediaAsset) -> str:
    """Of the file that an asset has, or awaits."""
    known = asset.uploads.exclude(state=Upload.State.ABORTED).order_by("-created_at").first()
    return known.fingerprint if known else ""


def link(session: RecordingSession, camera: str) -> None:
    """In the caller's transaction, under the session's lock: each chapter of a camera continues the one before it, unless what was
    found in the two files contradicts. What is missing or foreign is said of the asset by name."""
    by_clip = _by_clip(session, camera)
    clips = _clips(by_clip)
    said = chapters.faults(clips)
    wanted = {}
    for clip, before in chapters.links(clips).items():
        why = contradiction(_recorded(by_clip[before]), _recorded(by_clip[clip]))
        if why:
            said.setdefault(clip, []).append(why)
        else:
            wanted[clip] = before
    for clip, other in _of_other_devices(by_clip).items():
        if not any(clip in pair for pair in wanted.items()):
            said.setdefault(clip, []).append(other)
    changed = []
    for clip, asset in by_clip.items():
        before_it = by_clip[wanted[clip]] if clip in wanted else None
        if _set_warnings(asset, said.get(clip, [])) or asset.continues_id != (before_it.pk if before_it else None):
            asset.continues = before_it
            changed.append(asset)
    # Loosened first: no two chapters may continue the same one, not even between two rows of an update.
    MediaAsset.objects.filter(pk__in=[asset.pk for asset in changed]).update(continues=None)
    MediaAsset.objects.bulk_update(changed, LINKED)


def _set_warnings(asset: MediaAsset, said: list[str]) -> bool:
    """Set the warnings about an asset's recording, unsaved, in place of those before; whether they changed."""
    if asset.chapter_warnings == said:
        return False
    others = [warning for warning in asset.warnings if warning not in asset.chapter_warnings]
    asset.warnings, asset.chapter_warnings = list(dict.fromkeys([*others, *said])), said
    return True


def _recorded(asset: MediaAsset) -> Recorded:
    """What was found in an asset's file, as far as it was read."""
    if not asset.inspected:
        return Recorded(asset.original_filename, Witnesses(asset.camera_key))
    streams = {}
    if asset.codec and asset.width and asset.height:
        streams["picture"] = f"{asset.width} x {asset.height} {asset.codec}"
    if asset.audio_codec:
        streams["sound"] = f"{asset.audio_codec} of {asset.sample_rate} Hz in {asset.audio_channels} channels"
    return Recorded(asset.original_filename, witnesses_of(asset), streams, device_of(asset).serial)


def _of_other_devices(by_clip: Mapping[int, MediaAsset]) -> dict[int, str]:
    """Clip → sentence for each that another device recorded than the camera's first clip of which that is known."""
    known = [(clip, asset, device_of(asset)) for clip, asset in by_clip.items() if device_of(asset).serial]
    if not known:
        return {}
    _, first, device = known[0]
    return {
        clip: f"{asset.original_filename} was recorded by another device ({other}) than {first.original_filename} ({device}), which is of the "
        "same camera here. If that is not meant, upload it as a camera of its own."
        for clip, asset, other in known[1:]
        if other.serial != device.serial
    }


def device_of(asset: MediaAsset) -> Device:
    """What recorded an asset's file, as far as the file says."""
    return from_json(asset.device)


def recordings(assets: Iterable[MediaAsset]) -> list[MediaAsset]:
    """The first chapter of each recording among assets; one without the chapter before it is a recording of its own."""
    known = list(assets)
    here = {asset.pk for asset in known}
    return [asset for asset in known if asset.continues_id not in here]


def _by_clip(session: RecordingSession, camera: str) -> dict[int, MediaAsset]:
    rows = session.assets.filter(camera_label=camera).order_by("clip").defer("tracks", "heard", "meta", "tags")
    return {asset.clip: asset for asset in rows}


def _clips(assets: Mapping[int, MediaAsset]) -> dict[int, CardFile]:
    """As they were sent: a take whose tracks were joined is the file that it was packed in."""
    return {clip: _sent(asset, joined_of(asset)) for clip, asset in assets.items()}


def _sent(asset: MediaAsset, joined: JoinedTake) -> CardFile:
    name = asset.card_path or joined.filename or asset.original_filename
    return CardFile(name, joined.size_bytes or asset.size_bytes)
