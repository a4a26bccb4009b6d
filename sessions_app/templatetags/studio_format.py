"""Numbers as people on a set say them."""

from fractions import Fraction

from django import template

register = template.Library()

UNITS = ("bytes", "KB", "MB", "GB", "TB")


@register.filter
def size(count: int | float | None) -> str:
    """Bytes in the unit a file manager shows: 8.1 GB."""
    if count is None:
        return "–"
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {UNITS[unit]}" if unit == 0 or amount >= 100 else f"{amount:.1f} {UNITS[unit]}"


@register.filter
def duration(milliseconds: int | float | None) -> str:
    """A recording's length: 1:02:03 or 2:03.4."""
    if milliseconds is None:
        return "–"
    tenths = round(milliseconds / 100)
    hours, rest = divmod(tenths, 36_000)
    minutes, rest = divmod(rest, 600)
    seconds, tenth = divmod(rest, 10)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}.{tenth}"


@register.filter
def wait(seconds: int | float | None) -> str:
    """About how long: 40 s, 3 min, 2 h 10 min, 3 days."""
    if seconds is None:
        return "–"
    whole = max(0, round(seconds))
    if whole < 90:
        return f"{whole} s"
    if whole < 90 * 60:
        return f"{round(whole / 60)} min"
    hours, minutes = divmod(round(whole / 60), 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{round(hours / 24)} days"


@register.filter
def rate(fps: str) -> str:
    """A frame rate as cameras name it: 29.97, 25."""
    try:
        value = Fraction(fps)
    except (ValueError, ZeroDivisionError):
        return ""
    return f"{float(value):.3f}".rstrip("0").rstrip(".")


@register.filter
def signed_ms(milliseconds: float | None) -> str:
    """An offset: +1,234.5 ms."""
    return "–" if milliseconds is None else f"{milliseconds:+,.1f} ms".replace("-", "−")
