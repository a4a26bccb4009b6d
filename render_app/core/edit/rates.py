"""The rates of editing programs' timelines, and exact time from stored decimals."""

from fractions import Fraction

from media_app.core.time.timebase import NTSC_24, NTSC_30, NTSC_60

#: The rates that editing programs have timelines of.
EDITING_RATES = frozenset(
    {NTSC_24, Fraction(24), Fraction(25), NTSC_30, Fraction(30), Fraction(50), NTSC_60, Fraction(60)}
)
#: The rate where no camera has a picture.
DEFAULT_RATE = Fraction(25)
DEFAULT_SAMPLE_RATE = 48_000
_MOST_TIMES = 12


def editing_rate(rate: Fraction) -> Fraction:
    """The rate of a timeline that shows every frame of `rate` for a whole number of its own, or every nth frame.

    `rate` itself where editing programs have it; 30 for 15, 60 for 120, 25 for 12.5; DEFAULT_RATE where none fits.
    """
    if rate in EDITING_RATES:
        return rate
    for times in range(2, _MOST_TIMES + 1):
        for fitting in (rate / times, rate * times):
            if fitting in EDITING_RATES:
                return fitting
    return DEFAULT_RATE


def exact(value: float) -> Fraction:
    """The decimal that was stored, not the binary float nearest to it."""
    return Fraction(repr(float(value)))


def to_seconds(ms: float) -> Fraction:
    return exact(ms) / 1000


def to_ms(seconds: Fraction) -> float:
    return float(round(seconds * 1000, 4))
