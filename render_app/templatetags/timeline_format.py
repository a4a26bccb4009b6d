"""Times and speeds of a timeline, for its page."""

from fractions import Fraction

from django import template

register = template.Library()


@register.filter
def ms(value: Fraction) -> str:
    """A time of a timeline, to the millisecond: 1:02.345."""
    thousandths = int((abs(value) + Fraction(1, 2)) // 1)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    sign = "−" if value < 0 and thousandths else ""
    clock = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{sign}{clock}:{rest // 1000:02}.{rest % 1000:03}"


@register.filter
def times(speed: Fraction) -> str:
    """A speed: 0.5×."""
    return f"{float(speed):g}×"
