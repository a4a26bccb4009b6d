"""The page that takes an edited file back into a project."""

from pathlib import PurePosixPath

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from media_app.core.time.timebase import format_rate, parse_rate
from render_app.core.edit.rates import EDITING_RATES
from render_app.exchange.guard import MOST_BYTES
from render_app.services import exchange_import
from render_app.services.exchange_import import Imported, Sent
from render_app.services.timeline_edits import Caller
from sessions_app.core.tenant import Context
from sessions_app.errors import StudioError
from sessions_app.web.pages import OperatorRequest, page

RATES = [(format_rate(rate), f"{float(rate):.5g} fps") for rate in sorted(EDITING_RATES)]


class ImportForm(forms.Form):
    """An edited file, and the rate of a list that does not say its own."""

    file = forms.FileField(label="Edit", help_text="An .otio, .edl or .fcpxml file that an editing program exported.")
    timebase = forms.ChoiceField(
        required=False, label="Frame rate", choices=[("", "As in the file"), *RATES], help_text="Only an EDL needs it."
    )

    def take(self, context: Context) -> Imported | None:
        """The project; None when it was refused, with the refusal at its field."""
        file, rate = self.cleaned_data["file"], self.cleaned_data["timebase"]
        name = PurePosixPath(file.name).suffix.lower().removeprefix(".")
        sent = Sent(name, file.read(MOST_BYTES + 1), rate=parse_rate(rate) if rate else None)
        try:
            return exchange_import.import_edit(Caller(context), sent)
        except StudioError as error:
            known = error.field if error.field in self.fields else "file"
            self.add_error(known, error.message)
            return None


@require_http_methods(["GET", "POST"])
@page
def import_edit(request: OperatorRequest) -> HttpResponse:
    """GET/POST /projects/import/: make a project of an edited file."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and (made := form.take(request.context)) is not None:
        if not made.unmatched and not made.ignored:
            return redirect("projects:one", made.project.pk)
        return render(request, "render/imported.html", {"made": made})
    return render(request, "render/import.html", {"form": form})
