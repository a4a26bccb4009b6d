"""Every doubt as a sentence that an operator understands, with its numbers."""

from collections.abc import Sequence


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
    return f"Cameras {first} and {second} share no sound that could be recognised."


def repeats(seconds: float, offset_s: float, other_s: float) -> str:
    """Two lags fit alike."""
    period = abs(seconds)
    return f"The sound repeats every {period:.1f} s: two answers fit ({offset_s:.3f} s and {other_s:.3f} s)."


def hum(first: str, second: str) -> str:
    """A steady tone or mains hum is all that both hear."""
    return f"Cameras {first} and {second} share only a steady tone or hum, which fits at many offsets."


def drift(ppm: float, seconds: float) -> str:
    """Clocks that run apart."""
    apart = abs(ppm) * 1e-6 * seconds
    return f"Clock drift {abs(ppm):.0f} ppm: {apart * 25:.1f} frames (at 25 a second) by the end."


def jump(camera: str, at_s: float, milliseconds: float) -> str:
    """A paused or dropped stretch."""
    kind = "is missing from" if milliseconds > 0 else "is doubled in"
    return f"About {_length(abs(milliseconds) / 1000)} of time {kind} camera {camera} near {clock(at_s)}: the offset changes there."


def no_shared_start(first: str, second: str, seconds: float) -> str:
    """The windows agree only later on."""
    return f"Cameras {first} and {second} share no sound in their first {_length(seconds)}."


def no_shared_end(first: str, second: str, seconds: float) -> str:
    """The windows agree only at first."""
    return f"Cameras {first} and {second} share no sound in their last {_length(seconds)}."


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
    return f"The offsets of cameras {', '.join(labels)} contradict each other by {milliseconds:.0f} ms."


def placed_through(camera: str, other: str, master: str) -> str:
    """Placed without sound in common with the master."""
    return f"Camera {camera} was placed through camera {other}: with camera {master} itself it shares no sound that could be recognised."


def apart_from_master(labels: Sequence[str], master: str) -> str:
    """Cameras that match each other only."""
    return f"Cameras {' and '.join(labels)} match each other, but none of them matches camera {master}."


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
