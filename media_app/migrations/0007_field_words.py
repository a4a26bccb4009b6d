"""The field's words: fair_share_at, owner_process, PendingDeletion."""

from django.db import migrations, models

PENDING = models.Q(status="PENDING")
URGENT_FIRST = models.F("priority").desc()


class Migration(migrations.Migration):
    dependencies = [("media_app", "0006_holder")]

    operations = [
        migrations.RenameModel("DoomedObject", "PendingDeletion"),
        migrations.RemoveIndex("MediaJob", "job_line"),
        migrations.RemoveIndex("MediaJob", "job_line_of_kind"),
        migrations.RemoveIndex("MediaJob", "job_tenants_last"),
        migrations.RenameField("MediaJob", "turn", "fair_share_at"),
        migrations.RenameField("MediaJob", "holder", "owner_process"),
        migrations.AddIndex(
            "MediaJob", models.Index(URGENT_FIRST, "fair_share_at", "created_at", name="job_queue", condition=PENDING)
        ),
        migrations.AddIndex(
            "MediaJob",
            models.Index(
                "kind", URGENT_FIRST, "fair_share_at", "created_at", name="job_queue_of_kind", condition=PENDING
            ),
        ),
        migrations.AddIndex(
            "MediaJob",
            models.Index(
                fields=["tenant_id", "kind", "priority", "-fair_share_at"], name="job_tenants_last", condition=PENDING
            ),
        ),
    ]
