"""Captions as files: SRT, WebVTT, ASS and JSON. Times are whole ms; what a format reads as its own marks is written as text."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from media_app.core.hearing.captions import Cue

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")
#: What SubRip players take for italics and the like.
_TAG = re.compile(r"<(?=[A-Za-z/])")
#: Keeps two characters from being read as one mark; it has no width.
_JOINER = "\u2060"
_ASS_HEAD = """[Script Info]
ScriptType: v4.00+
PlayResX: 1920
PlayResY: 1080
WrapStyle: 2
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, \
ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Sans,54,&H00FFFFFF,&H000000FF,&H00000000,&H80000000,0,0,0,0,100,100,0,0,1,3,0,2,80,80,60,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write captions."""

    content_type: str
    write: Callable[[Sequence[Cue]], str]


def srt(cues: Sequence[Cue]) -> str:
    """SubRip. An arrow in the text would be read as times, an empty line as the end."""
    blocks = (
        f"{number}\n{_clock(cue.start_ms, ',')} --> {_clock(cue.end_ms, ',')}\n{_text(cue, _srt_line)}\n"
        for number, cue in enumerate(cues, 1)
    )
    return "\n".join(blocks)


def vtt(cues: Sequence[Cue]) -> str:
    """WebVTT."""
    blocks = (
        f"{number}\n{_clock(cue.start_ms, '.')} --> {_clock(cue.end_ms, '.')}\n{_text(cue, _vtt_line)}\n"
        for number, cue in enumerate(cues, 1)
    )
    return "\n".join(["WEBVTT\n", *blocks])


def ass(cues: Sequence[Cue]) -> str:
    """Advanced SubStation Alpha. It counts hundredths: both ends are rounded down alike, so no two captions come to overlap."""
    newline = "\\N"
    rows = (
        f"Dialogue: 0,{_hundredths(cue.start_ms)},{_hundredths(cue.end_ms)},Default,,0,0,0,,{_text(cue, _ass_line, newline)}\n"
        for cue in cues
    )
    return _ASS_HEAD + "".join(rows)


def as_json(cues: Sequence[Cue]) -> str:
    """The captions as Studio shows and edits them."""
    rows = [{"index": index, **cue.as_json()} for index, cue in enumerate(cues)]
    return json.dumps({"cues": rows}, ensure_ascii=False)


FORMATS = {
    "srt": Format("application/x-subrip", srt),
    "vtt": Format("text/vtt", vtt),
    "ass": Format("text/x-ssa", ass),
    "json": Format("application/json", as_json),
}


def plain_lines(text: str) -> tuple[str, ...]:
    """Lines of text without control characters and without empty lines."""
    lines = (" ".join(_CONTROL.sub(" ", line).split()) for line in text.replace("\r\n", "\n").split("\n"))
    return tuple(line for line in lines if line)


def _text(cue: Cue, escape: Callable[[str], str], newline: str = "\n") -> str:
    return newline.join(escape(line) for written in cue.lines for line in plain_lines(written))


def _srt_line(line: str) -> str:
    return _TAG.sub(f"<{_JOINER}", line.replace("-->", f"--{_JOINER}>"))


def _vtt_line(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _ass_line(line: str) -> str:
    return line.replace("\\", f"\\{_JOINER}").replace("{", "\\{").replace("}", "\\}")


def _clock(ms: int, point: str) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"


def _hundredths(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest // 10:02}"
