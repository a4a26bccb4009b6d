"""The page that takes an edited file back into a project."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from media_app.core.time.timebase import format_rate, parse_rate
from render_app.core.edit.rates import EDITING_RATES
from render_app.exchange import formats
from render_app.exchange.guard import MOST_BYTES
from render_app.services import exchange_import
from render_app.services.exchange_import import Imported, Sent
from render_app.services.timeline_edits import Caller
from render_app.services.timeline_rows import as_id
from sessions_app.core.tenant import Context
from sessions_app.errors import StudioError
from sessions_app.models import RecordingSession
from sessions_app.templatetags.studio_format import day
from sessions_app.web.pages import OperatorRequest, page

#: Sessions that the form offers, the latest first; another is offered on its own page.
SESSIONS = 200
RATES = [(format_rate(rate), f"{float(rate):.5g} fps") for rate in sorted(EDITING_RATES)]


class ImportForm(forms.Form):
    """An edited file, the session that it is an edit of, and the rate of a list that does not say its own."""

    file = forms.FileField(label="Edit")
    timebase = forms.ChoiceField(
        required=False, label="Frame rate", choices=[("", "As in the file"), *RATES], help_text="Only an EDL needs it."
    )
    session_id = forms.ChoiceField(
        required=False,
        label="Session",
        help_text="Only files of this session are matched; their clips become shots of its cameras where the approved sync has them side by side, and Cut angles opens the edit.",
    )

    def __init__(self, *args: Any, context: Context, wanted: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        *most, last = [f".{suffix}" for suffix in _suffixes()]
        self.fields["file"].help_text = f"A {', '.join(most)} or {last} file that an editing program exported."
        #: What a refusal lists of an edit.
        self.not_taken: Mapping[str, Any] = {}
        session = self.fields["session_id"]
        session.choices = [("", "None: match all files"), *_sessions(context, wanted)]  # type: ignore[attr-defined]
        session.initial = wanted

    def take(self, context: Context) -> Imported | None:
        """The project; None when it was refused, with the refusal at its field."""
        file, rate, session_id = (self.cleaned_data[name] for name in ("file", "timebase", "session_id"))
        suffix = PurePosixPath(file.name).suffix.lower().removeprefix(".")
        sent = Sent(
            _suffixes().get(suffix, suffix),
            file.read(MOST_BYTES + 1),
            session_id=session_id or None,
            rate=parse_rate(rate) if rate else None,
        )
        try:
            return exchange_import.import_edit(Caller(context), sent)
        except StudioError as error:
            known = error.field if error.field in self.fields else "file"
            self.add_error(known, error.message)
            self.not_taken = error.details
            return None


def _suffixes() -> dict[str, str]:
    """What files end in that can be read → their format."""
    return {known.suffix or name: name for name, known in formats().items() if known.read is not None}


def _sessions(context: Context, wanted: str) -> Iterator[tuple[str, str]]:
    """The tenant's latest sessions by their ids, and the one that is wanted, however old."""
    rows = RecordingSession.objects.in_tenant(context).order_by("-created_at", "pk")
    shown = list(rows[:SESSIONS])
    known = {str(one.pk) for one in shown}
    if wanted not in known and (id := as_id(wanted)):
        shown += rows.filter(pk=id)
    for one in shown:
        yield str(one.pk), f"{one.title[:80]} · {day(one.date)}"


@require_http_methods(["GET", "POST"])
@page
def import_edit(request: OperatorRequest) -> HttpResponse:
    """GET/POST /projects/import/?session=: make a project of an edited file."""
    wanted = request.POST.get("session_id", "") or request.GET.get("session", "")
    form = ImportForm(request.POST or None, request.FILES or None, context=request.context, wanted=wanted)
    if request.method == "POST" and form.is_valid() and (made := form.take(request.context)) is not None:
        if not (made.unmatched or made.ignored or made.notes):
            return redirect("projects:one", made.project.pk)
        return render(request, "render/imported.html", {"made": made})
    return render(request, "render/import.html", {"form": form})
