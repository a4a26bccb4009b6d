"""Every doubt as a sentence that an operator understands, with its numbers."""

import re
from collections.abc import Sequence

#: So many names stand in a sentence; a day of three cameras has a hundred clips.
NAMED = 6
#: As `clock` writes one.
_MOMENT = re.compile(r"(?<![\d:+−])\d+:\d\d(:\d\d)?(?!\d)")


def named(keys: Sequence[str]) -> str:
    """Keys in a sentence: "B, B.2 and C", of many the first ones and how many more."""
    shown, more = list(keys[:NAMED]), len(keys) - NAMED
    if more > 0:
        shown.append(f"{more} more")
    return " and ".join([part for part in (", ".join(shown[:-1]), *shown[-1:]) if part])


def signed(seconds: float) -> str:
    """An offset as every page writes it: `+1.234 s`."""
    return f"{seconds:+,.3f} s".replace("-", "−") if round(seconds, 3) else "0.000 s"


def no_sound(label: str) -> str:
    """A track without samples."""
    return f"Camera {label} has no sound: set its offset by hand."


def silent(label: str) -> str:
    """A track whose samples are all but zero."""
    return f"Camera {label} is silent throughout: set its offset by hand."


def timecode_only(label: str) -> str:
    """A track of linear timecode, which is kept out of the sound."""
    return f"Camera {label} recorded timecode (LTC) and no other sound: set its offset by hand, or by the timecode."


def too_short(label: str, seconds: float) -> str:
    """A track of a second or two."""
    return f"Camera {label} has only {seconds:.1f} s of sound, too little to compare."


def nothing_shared(first: str, second: str) -> str:
    """No answer stands out."""
    return f"Cameras {first} and {second} share no sound that could be recognized."


def repeats(seconds: float, offset_s: float, other_s: float) -> str:
    """Two lags fit alike, one or more periods apart."""
    apart = abs(seconds)
    return f"The sound repeats itself: two offsets that are {apart:.1f} s apart fit ({signed(offset_s)} and {signed(other_s)})."


def unlooped(period_s: float) -> str:
    """Bars that repeat, and an answer by what was said or played over them."""
    return f"The sound repeats itself every {period_s:.1f} s: the offset is that of what does not repeat. Check it."


def hum(first: str, second: str) -> str:
    """A steady tone or mains hum is all that both hear."""
    return f"Cameras {first} and {second} share only a steady tone or hum, which fits at many offsets."


def drift(ppm: float, seconds: float, walked: bool = False) -> str:
    """Clocks that run apart; `walked`: by so little that the sound's source may have moved instead."""
    apart = abs(ppm) * 1e-6 * seconds
    or_else = f", or the source moved by {_meters(apart * 1000)}" if walked else ""
    return f"Clock drift {abs(ppm):.0f} ppm: {apart * 25:.1f} frames (at 25 a second) by the end{or_else}."


def bend(camera: str, milliseconds: float, walked: bool) -> str:
    """A clock that no straight line describes."""
    or_else = f", or the sound's source moved by about {_meters(milliseconds)}" if walked else ""
    return f"The clock of camera {camera} bends by {milliseconds:.0f} ms{or_else}: the offset changes over time."


def rate(camera: str, factor: float, cause: str) -> str:
    """Sound that was played at another rate."""
    word = "fast" if factor > 1 else "slow"
    share = (
        f"{abs(1 - 1 / factor) * 100:.2f}".rstrip("0").rstrip(".")
        if factor < 1
        else f"{(factor - 1) * 100:.2f}".rstrip("0").rstrip(".")
    )
    return f"Camera {camera}'s sound runs {share} % {word}{f' ({cause})' if cause else ''}."


def _meters(milliseconds: float) -> str:
    return f"{milliseconds * 0.343:.0f} m"


def jump(camera: str, at_s: float, milliseconds: float, walked: bool = False) -> str:
    """A paused or dropped stretch; `walked`: so short that the sound's source may have moved instead."""
    kind = "is missing from" if milliseconds > 0 else "is doubled in"
    or_else = f", or the sound's source moved by about {_meters(abs(milliseconds))}" if walked else ""
    lost = f"About {_length(abs(milliseconds) / 1000)} of time {kind} camera {camera} near {clock(at_s)}"
    return f"{lost}{or_else}: the offset changes there."


def unsure_segment(camera: str, start_s: float, end_s: float) -> str:
    """A segment whose own score or probability is too low."""
    return f"The segment of camera {camera} from {clock(start_s)} to {clock(end_s)} is uncertain on its own: check it."


def something_else(first: str, second: str, start_s: float, end_s: float) -> str:
    """Both are loud, and not the same."""
    return (
        f"From {clock(start_s)} to {clock(end_s)} camera {second} does not match camera {first}: it hears something else, "
        "or noise covers what both hear."
    )


def silent_part(first: str, second: str, start_s: float, end_s: float) -> str:
    """One of the two records nothing."""
    return f"From {clock(start_s)} to {clock(end_s)} of camera {second} there is silence in {first} or {second}: nothing can be compared."


def faint_part(first: str, second: str, start_s: float, end_s: float) -> str:
    """What both hear is under their noise."""
    return f"From {clock(start_s)} to {clock(end_s)} of camera {second} the sound is too faint to check the offset."


def too_little(first: str, second: str, seconds: float) -> str:
    """A few seconds that agree, and nothing else that says so."""
    return f"Only {_length(seconds)} of cameras {first} and {second} agree at the best offset, too little to be sure of it."


def little_shared(first: str, second: str, seconds: float, other_s: float) -> str:
    """A jingle, or a program that ran at two events."""
    return (
        f"Cameras {first} and {second} share only {_length(seconds)} of sound, and for {_length(other_s)} they do not match: "
        "the same music or program may have played at two events."
    )


def program(first: str, second: str, offset_s: float) -> str:
    """A match between what seem to be two events."""
    return (
        f"Cameras {first} and {second} match at {signed(offset_s)}, but each has loud sound that is missing from the other: "
        "a program or music that played at two events does that. Set the offset by hand if it was one event."
    )


def two_events(first: str, second: str) -> str:
    """A match that leaves much unexplained in both."""
    return (
        f"Some of what is loud in camera {first} is missing from camera {second}, and vice versa: "
        "make sure that the match is not a program or music that played at two events."
    )


def faint_of_its_own(first: str, second: str) -> str:
    """A match that explains nearly all, and leaves faint sound in each."""
    return (
        f"Under what cameras {first} and {second} share, each has faint sound that is missing from the other: "
        "make sure that the match is not a program or music that played at two events."
    )


def only_music(first: str, second: str) -> str:
    """A match by dense sound without a pause, under which nothing else could be measured."""
    return (
        f"Cameras {first} and {second} share loud sound without a pause, as music is, and nothing else could be measured under it: "
        "a recording that played at two events would match as well."
    )


def timecode(first: str, second: str) -> str:
    """Linear timecode in both, which matches itself."""
    return (
        f"The sound of cameras {first} and {second} carries timecode (LTC), which matches itself at many offsets: "
        "choose a channel without it, or set the offset by timecode."
    )


def short_overlap(first: str, second: str, seconds: float) -> str:
    """Little shared time."""
    return f"Cameras {first} and {second} run together for only {seconds:.1f} s."


def few_agree(agreeing: int, windows: int) -> str:
    """A thin vote."""
    return f"Only {agreeing} of {windows} compared stretches agree on the offset exactly; the room may be reverberant or noisy."


def unclear() -> str:
    """Echoes as strong as the direct sound, or noise over it."""
    return "Echoes or noise hide the direct sound: the offset holds to about a frame, not to a millisecond."


def does_not_close(labels: Sequence[str], milliseconds: float) -> str:
    """Pairs contradict each other."""
    return f"The offsets of cameras {named(labels)} contradict each other by {milliseconds:.0f} ms."


def placed_through(camera: str, other: str, master: str | None = None, reason: str = "") -> str:
    """Placed without a match with the master; `reason`: what was said of that pair, where it was compared."""
    through = f"Camera {camera} was placed through camera {other}"
    return f"{through}: with camera {master} itself there is no sure match. {reason}" if master else f"{through}."


def heard_by_none(camera: str, others: int) -> str:
    """A clip that is not compared with the master, since one camera recorded both, or since there are many."""
    tried = "the recording" if others == 1 else f"any of the {others} recordings"
    return f"Camera {camera} shares no sound that could be recognized with {tried} that it was compared with."


def of_the_recording(keys: Sequence[str]) -> str:
    """To sentences with times, where a recording has chapters."""
    return f"Times here count from the start of the recording, which is {named(keys)} together."


def at_once(camera: str, other: str, seconds: float) -> str:
    """Two clips of one camera over the same time."""
    return f"{camera} and {other} would overlap by {_length(seconds)}, but one camera recorded both: at least one of the two is misplaced."


def apart_from_master(labels: Sequence[str], master: str) -> str:
    """Cameras that match each other only."""
    return f"Cameras {named(labels)} match each other, but none of them matches camera {master}."


def unsure_shift(first: str, second: str, milliseconds: float) -> str:
    """Some seconds whose features lie elsewhere than their waves can confirm."""
    return (
        f"For some seconds cameras {first} and {second} agree best {milliseconds:.0f} ms off the offset, too faintly to tell "
        f"an echo from lost samples: check them there."
    )


def has_time(sentence: str) -> bool:
    """Whether a sentence names a moment of a recording."""
    return _MOMENT.search(sentence) is not None


def weak(score: float) -> str:
    """A standard score below the looks-good mark."""
    return f"The standard score is {score:.1f}; 10 and more is a good match."


def clock(seconds: float) -> str:
    """Minutes and seconds, or hours with them."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def _length(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 100:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} minutes"
