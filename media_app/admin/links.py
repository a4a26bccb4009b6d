"""Links from a record to its objects in the store."""

from django.utils.html import format_html

from media_app import storage
from media_app.services.withheld import refuse_key
from sessions_app.errors import StudioError


def object_link(key: str) -> str:
    """A link to the object; a key that the store refuses, or that is not handed out, is shown as it is."""
    try:
        refuse_key(key)
        return format_html('<a href="{}">{}</a>', storage.store().url(key), key) if key else "–"
    except StudioError:
        return key
