"""First films: a decided session on its way to a captioned film."""

import uuid

from django.db import models
from django.db.models import Q

from media_app.models import MediaJob
from render_app.models.exports import Export
from render_app.models.projects import OwnedModel
from sessions_app.models import RecordingSession


class FirstFilm(OwnedModel):
    """A request for the whole chain: the cut by who speaks, the words, the mastered and captioned film. Once the export is there,
    it says how the film came out."""

    class Outcome(models.TextChoices):
        EXPORTED = "exported"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(RecordingSession, on_delete=models.CASCADE, related_name="first_films")
    preset = models.CharField(max_length=40, help_text="The style of the cut.")
    cut_job = models.ForeignKey(MediaJob, null=True, blank=True, on_delete=models.SET_NULL, related_name="first_films")
    export = models.ForeignKey(Export, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, help_text="Empty until the export begins.")
    note = models.TextField(blank=True, help_text="Why it has no captions, or why there is no film.")

    class Meta:
        ordering = ["-created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session"], condition=Q(outcome=""), name="one_first_film_in_the_making")
        ]

    def __str__(self) -> str:
        return f"first film of {self.session}: {self.outcome or 'in the making'}"
