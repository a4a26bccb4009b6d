"""The rules of an asset, held by the database."""

from string import ascii_uppercase

from django.db import migrations, models
from django.db.models import F, Q

RULES = [
    models.CheckConstraint(
        condition=Q(session__isnull=True, camera_label="")
        | Q(session__isnull=False, camera_label__in=list(ascii_uppercase)),
        name="asset_label_in_session_only",
        violation_error_message="A file of a session needs a camera label, A to Z; one without a session has none.",
    ),
    models.CheckConstraint(
        condition=Q(session__isnull=True) | Q(shoot_date__isnull=False) & ~Q(project_id=""),
        name="asset_of_session_has_place",
        violation_error_message="A file of a session needs a project and a day: its storage keys contain both.",
    ),
    models.CheckConstraint(
        condition=Q(clip=1) | Q(clip__gt=1, session__isnull=False),
        name="asset_clips_count_from_one",
        violation_error_message="Clips count from 1, and only a camera of a session has more than one.",
    ),
    models.CheckConstraint(
        condition=Q(continues__isnull=True) | Q(session__isnull=False) & ~Q(continues=F("id")),
        name="asset_continues_another",
        violation_error_message="A clip continues another clip of its session, never itself.",
    ),
    models.CheckConstraint(
        condition=Q(status__in=["uploading", "ingesting", "ready", "failed"]), name="asset_status_known"
    ),
]


class Migration(migrations.Migration):
    dependencies = [("media_app", "0016_master_kinds")]

    operations = [migrations.AddConstraint("MediaAsset", rule) for rule in RULES]
