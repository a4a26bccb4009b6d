"""Sound and picture are ready each by itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media_app", "0011_timecode")]

    operations = [
        migrations.AddField(
            "MediaAsset",
            "sound_ready_at",
            models.DateTimeField(null=True, blank=True, help_text="Since when its WAV and peaks are stored."),
        ),
        migrations.AddField(
            "MediaAsset",
            "picture_ready_at",
            models.DateTimeField(null=True, blank=True, help_text="Since when its proxy is stored."),
        ),
    ]
