"""What every FCPXML document is made of: rational seconds, the conforming of rates, tracks of sound."""

from fractions import Fraction
from xml.etree import ElementTree as ET

from media_app.core.time.timebase import NTSC_24, NTSC_30, NTSC_60
from render_app.core.edit.angle import Angle
from render_app.exchange.base import Document

#: What `srcFrameRate` may say.
CONFORM_RATES = {
    NTSC_24: "23.98",
    Fraction(24): "24",
    Fraction(25): "25",
    NTSC_30: "29.97",
    Fraction(30): "30",
    Fraction(48000, 1001): "47.95",
    Fraction(48): "48",
    Fraction(50): "50",
    NTSC_60: "59.94",
    Fraction(60): "60",
}


def as_document(root: ET.Element, stem: str) -> Document:
    """The document of a root element."""
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{text}\n'
    return Document(body.encode(), "application/xml; charset=utf-8", f"{stem}.fcpxml")


def conform(clip: ET.Element, source: Fraction, timeline: Fraction) -> None:
    """Say of a clip of another rate what its rate is."""
    if source != timeline:
        made = ET.SubElement(clip, "conform-rate", scaleEnabled="0")
        if source in CONFORM_RATES:
            made.set("srcFrameRate", CONFORM_RATES[source])


def audio_tracks(clip: ET.Element, angle: Angle) -> None:
    """Each audio track of a file that has several, by its channels, under a role of its own."""
    tracks, channel = angle.audio_tracks, 1
    for number, channels in enumerate(tracks if len(tracks) > 1 else (), 1):
        here = ", ".join(str(one) for one in range(channel, channel + channels))
        ET.SubElement(clip, "audio-channel-source", srcCh=here, role=f"dialogue.track-{number}")
        channel += channels


def frames(count: int, rate: Fraction) -> str:
    """`count` frames as seconds, over the rate's own numerator so that a reader sees the frames: `2002/30000s`."""
    if count == 0:
        return "0s"
    if rate.denominator == 1 and count % rate.numerator == 0:
        return f"{count // rate.numerator}s"
    return f"{count * rate.denominator}/{rate.numerator}s"


def rational(seconds: Fraction) -> str:
    """An exact time."""
    return f"{seconds.numerator}s" if seconds.denominator == 1 else f"{seconds.numerator}/{seconds.denominator}s"


def timed(seconds: Fraction, unit: Fraction) -> str:
    """An exact time, as whole frames of a rate where it is that."""
    count = seconds * unit
    return frames(int(count), unit) if count.denominator == 1 else rational(seconds)
