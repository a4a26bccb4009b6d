"""What the renderer does not do yet: refused by record and field, never rendered wrong."""

from render_app.core.timeline.refusals import TimelineRefused


class NotSupported(TimelineRefused):
    """A record asks for something that cannot be rendered yet."""

    code = "not_supported"


class NothingToRender(TimelineRefused):
    """The sequence is empty, or the range lies outside it."""

    code = "nothing_to_render"
