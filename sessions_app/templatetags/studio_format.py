"""Numbers, offsets and dates as every page writes them: one notation each."""

from datetime import UTC, date, datetime
from fractions import Fraction

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

MINUS = "−"
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
def offset(milliseconds: float | None) -> SafeString:
    """An offset: +3.237 s, its exact value in a tooltip."""
    if milliseconds is None:
        return mark_safe("<span>not placed</span>")
    seconds = round(milliseconds / 1000, 3)
    shown = f"{seconds:+,.3f} s" if seconds else "0.000 s"
    exact = f"{milliseconds:+,.4f}".rstrip("0").rstrip(".")
    return format_html(
        '<span class="nowrap" title="{} ms">{}</span>', *(text.replace("-", MINUS) for text in (exact, shown))
    )


@register.filter
def moment(at: datetime | None) -> SafeString:
    """A moment: 27 Nov 2026, 00:17, in UTC until the page's script writes it in the reader's time zone."""
    if at is None:
        return mark_safe("–")
    utc = at.astimezone(UTC)
    shown = f"{utc.day} {utc:%b %Y, %H:%M} UTC"
    return format_html('<time datetime="{}" data-local>{}</time>', utc.isoformat(timespec="seconds"), shown)


@register.filter
def day(on: date | None) -> str:
    """A day: 27 Nov 2026."""
    return f"{on.day} {on:%b %Y}" if on else ""


@register.filter
def name_of(names: dict[str, str], label: str) -> str:
    """The name that a person gave this camera (B, or a clip of it: B.2); empty where none."""
    return names.get(label[:1], "")
