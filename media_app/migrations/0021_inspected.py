"""A ready asset is known to the end: also one without sound, which had no `sound_ready_at`."""

from django.db import migrations, models
from django.db.models import F


def fill_in(apps, schema_editor):
    assets = apps.get_model("media_app", "MediaAsset").objects.using(schema_editor.connection.alias)
    assets.filter(status="ready", sound_ready_at=None).update(sound_ready_at=F("updated_at"))


class Migration(migrations.Migration):
    dependencies = [("media_app", "0020_mezzanine_params")]

    operations = [
        migrations.AlterField(
            "MediaAsset",
            "sound_ready_at",
            models.DateTimeField(
                blank=True,
                null=True,
                help_text="Since when it is known what the file holds, and its WAV and peaks are stored.",
            ),
        ),
        migrations.RunPython(fill_in, migrations.RunPython.noop),
    ]
