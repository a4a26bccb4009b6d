"""What an export is encoded to: each output's profile, and whether it is filled, silent of pictures, or copied."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from media_app.core.time.timebase import parse_rate
from render_app.core import catalogue
from render_app.core.catalogue import Format, Profile
from render_app.core.export.refusals import refused

FASTEST, LARGEST = Fraction(120), 8192 * 4320
#: Threads of an encoder; a number of its own, for x264's output depends on it.
THREADS = 4
_CODEC_OF = {one.video_codec: one for one in catalogue.formats().values() if one.video_codec}


@dataclass(frozen=True, slots=True)
class Base:
    """Size and rate of an output that says none: those of the first angle, or of the project's profile."""

    width: int
    height: int
    fps: Fraction


@dataclass(frozen=True, slots=True)
class Output:
    """One file that is asked for. `index`: its place in the request; `fill`: what is over is cut off, else bars."""

    index: int
    name: str
    profile: Profile
    fill: bool = False
    sound_only: bool = False
    smart: bool = False

    @property
    def field(self) -> str:
        """Where the request says it."""
        return f"outputs[{self.index}]"


def outputs_of(asked: Sequence[Mapping[str, Any]], base: Base) -> tuple[Output, ...]:
    """The outputs of a checked request. Sound of one codec is encoded alike for all of them. Raises ExportRefused."""
    found = [_output(index, {k: v for k, v in one.items() if v is not None}, base) for index, one in enumerate(asked)]
    for one in found:
        if any(other.name == one.name for other in found[: one.index]):
            raise refused(f"{one.field}.name", f"({one.name}) is the name of an earlier output. Choose another.")
    return tuple(_heard_alike(one, found) for one in found)


def refuse_undrawn(field: str, outputs: Sequence[Output]) -> None:
    """Raise ExportRefused for what is drawn into pictures where smart outputs leave none that is encoded."""
    if any(one.smart for one in outputs) and all(one.smart or one.sound_only for one in outputs):
        message = "is drawn into pictures that are encoded, and a smart output copies them. Add an output without mode smart, or leave this out."
        raise refused(field, message)


def undrawn(field: str, outputs: Sequence[Output]) -> Iterator[str]:
    """A warning for each smart output, in whose pictures this is not."""
    for one in outputs:
        if one.smart:
            yield f"{field}: not in {one.name}, a smart output, which copies the originals' frames."


def _output(index: int, asked: Mapping[str, Any], base: Base) -> Output:
    field = f"outputs[{index}]"
    sound_only, smart = asked.get("audioOnly", False), asked.get("mode") == "smart"
    profile = _sound_profile(field, asked) if sound_only else _picture_profile(field, asked, base)
    if smart:
        _refuse_beside_smart(field, asked)
    return Output(index, asked["name"], profile, asked.get("crop", False), sound_only, smart)


def _picture_profile(field: str, asked: Mapping[str, Any], base: Base) -> Profile:
    named = catalogue.profiles()[asked["profile"]] if "profile" in asked else None
    profile = named or _profile_of(catalogue.formats()["h264"], base)
    if "format" in asked or "codec" in asked:
        profile = _in_format(field, asked, profile)
    if ("width" in asked) != ("height" in asked):
        raise refused(field, "has one of width and height. Send both, or neither.")
    fps = _rate(field, asked["fps"]) if "fps" in asked else (named.fps if named else base.fps)
    profile = replace(
        profile, width=asked.get("width", profile.width), height=asked.get("height", profile.height), fps=fps
    )
    _refuse_size(field, profile)
    return _with_crf(field, asked, profile)


def _profile_of(form: Format, base: Base) -> Profile:
    return Profile(
        name="custom", description=form.label, width=base.width, height=base.height, fps=base.fps, extension=f".{form.format}",
        video_codec=form.video_codec, pix_fmt=form.pix_fmt, preset=form.preset, threads=THREADS, audio_codec=form.audio_codec,
        crf=form.crf, audio_bitrate_kbps=form.audio_bitrate_kbps,
    )  # fmt: skip


def _in_format(field: str, asked: Mapping[str, Any], profile: Profile) -> Profile:
    form = _format(field, asked)
    if not form.video_codec:
        raise refused(f"{field}.format", f"({form.format}) holds no picture. Set audioOnly, or choose another.")
    base = Base(profile.width, profile.height, profile.fps)
    if form.video_codec == profile.video_codec:
        return replace(profile, extension=f".{form.format}")
    return _profile_of(form, base)


def _format(field: str, asked: Mapping[str, Any]) -> Format:
    known = catalogue.formats()
    if "codec" not in asked:
        return next(one for one in known.values() if one.format == asked["format"])
    form = known[asked["codec"]]
    if asked.get("format", form.format) != form.format:
        raise refused(f"{field}.codec", f"({form.name}) is written to {form.format}, not to {asked['format']}.")
    return form


def _sound_profile(field: str, asked: Mapping[str, Any]) -> Profile:
    for name in ("profile", "width", "height", "fps", "crf", "crop"):
        if asked.get(name):
            raise refused(f"{field}.{name}", "is of pictures, and audioOnly makes none. Leave one out.")
    form = _format(field, asked if "codec" in asked else {"format": "m4a", **asked})
    if form.video_codec:
        raise refused(f"{field}.format", f"({form.format}) is of pictures. Of sound alone there are m4a and wav.")
    return _profile_of(form, Base(16, 16, Fraction(25)))


def _rate(field: str, said: str | int) -> Fraction:
    try:
        rate = parse_rate(str(said))
    except ValueError as error:
        raise refused(f"{field}.fps", f"cannot be read: {error}") from error
    if not 1 <= rate <= FASTEST:
        raise refused(f"{field}.fps", f"is {said}, and 1 to {FASTEST} frames per second can be made.")
    return rate


def _refuse_size(field: str, profile: Profile) -> None:
    for name, side in (("width", profile.width), ("height", profile.height)):
        if side % 2:
            raise refused(f"{field}.{name}", f"is {side}, and pictures are even. Use {side - 1} or {side + 1}.")
    if profile.width * profile.height > LARGEST:
        raise refused(field, f"is {profile.width}×{profile.height} px, more than 8192×4320. Choose a smaller size.")
    if profile.video_codec == "dnxhd" and (profile.width < 256 or profile.height < 120):
        raise refused(field, f"is {profile.width}×{profile.height} px, and DNxHR has 256×120 at least.")


def _with_crf(field: str, asked: Mapping[str, Any], profile: Profile) -> Profile:
    if "crf" not in asked:
        return profile
    most = _CODEC_OF[profile.video_codec].crf_most
    if not most:
        raise refused(f"{field}.crf", f"is not of {_CODEC_OF[profile.video_codec].label}. Leave it out.")
    if asked["crf"] > most:
        raise refused(f"{field}.crf", f"is {asked['crf']}, and {most} is the most here.")
    return replace(profile, crf=asked["crf"])


def _refuse_beside_smart(field: str, asked: Mapping[str, Any]) -> None:
    for name in ("profile", "width", "height", "fps", "codec", "crf", "crop", "audioOnly"):
        if asked.get(name):
            raise refused(f"{field}.{name}", "is decided by the originals where mode is smart. Leave it out.")
    if asked.get("format", "mp4") != "mp4":
        raise refused(f"{field}.format", "is mp4 where mode is smart.")


def _heard_alike(one: Output, outputs: Sequence[Output]) -> Output:
    """The output with the best bit rate that any of them has for its codec, so that one encoding is right for all."""
    codec = one.profile.audio_codec
    rates = [other.profile.audio_bitrate_kbps or 0 for other in outputs if other.profile.audio_codec == codec]
    return replace(one, profile=replace(one.profile, audio_bitrate_kbps=max(rates) or None))
