"""What a person changes in captions: texts, times, who speaks, captions added or taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from media_app.core.bad_field import BadField
from media_app.core.hearing.captions import MAX_LINE, MAX_LINES, Cue, wrapped
from media_app.core.hearing.subtitles import plain_lines


class BadEdit(BadField):
    """A change that cannot be made; `field` names it in the request."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change. `index`: of the caption as it stands, None for a new one. What is None stays as it is."""

    index: int | None = None
    text: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    deleted: bool = False
    #: The name of who says it; an empty one: nobody known.
    speaker: str | None = None


def apply(cues: Sequence[Cue], edits: Sequence[Edit], duration_ms: int) -> tuple[Cue, ...]:
    """The captions with all the changes, in order of time. Raises BadEdit."""
    kept: dict[int, Cue] = dict(enumerate(cues))
    named: dict[int, str] = {}
    for place, edit in enumerate(edits):
        where = f"cues[{place}]"
        index = len(cues) + place if edit.index is None else edit.index
        if edit.index is not None and index not in kept:
            raise BadEdit(
                f"{where}.index", f"There is no caption {edit.index}, or it is named twice; there are {len(cues)}."
            )
        before = kept.pop(index, None)
        if not edit.deleted:
            named[index] = where
            kept[index] = _changed(before, edit, where, duration_ms)
    ordered = sorted(kept.items(), key=lambda item: (item[1].start_ms, item[0]))
    for (first, earlier), (second, later) in pairwise(ordered):
        if later.start_ms < earlier.end_ms and (first in named or second in named):
            where = named.get(second) or named[first]
            raise BadEdit(
                f"{where}.start_ms", "Two captions would be shown at once. Change the end of the one before, too."
            )
    return tuple(cue for _, cue in ordered)


def _changed(before: Cue | None, edit: Edit, where: str, duration_ms: int) -> Cue:
    start = edit.start_ms if edit.start_ms is not None else before.start_ms if before else None
    end = edit.end_ms if edit.end_ms is not None else before.end_ms if before else None
    if start is None or end is None or (before is None and edit.text is None):
        raise BadEdit(where, "A new caption has start_ms, end_ms and text; one that is changed has its index.")
    if not 0 <= start < end <= duration_ms:
        raise BadEdit(
            f"{where}.end_ms", f"A caption begins at 0 or later and ends after that, by {duration_ms} ms at the latest."
        )
    lines = before.lines if edit.text is None and before else _lines(edit.text or "", where)
    speaker = before.speaker if edit.speaker is None and before else " ".join(plain_lines(edit.speaker or ""))
    # What a person wrote is not doubtful.
    return Cue(start, end, lines, before.doubtful if before and edit.text is None else False, speaker)


def _lines(text: str, where: str) -> tuple[str, ...]:
    """The person's own line breaks, as long as the lines fit; else new ones."""
    lines = plain_lines(text)
    if not lines:
        raise BadEdit(f"{where}.text", "A caption has text. Send deleted: true to take it away.")
    if len(lines) > MAX_LINES or max(len(line) for line in lines) > MAX_LINE:
        lines = wrapped(" ".join(lines))
    if len(lines) > MAX_LINES:
        raise BadEdit(
            f"{where}.text",
            f"This does not fit in {MAX_LINES} lines of {MAX_LINE} characters. Make two captions of it.",
        )
    return lines
