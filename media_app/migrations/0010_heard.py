"""The sound that sync compares, and every track that the file has."""

from django.db import migrations, models

import media_app.models.assets


class Migration(migrations.Migration):
    dependencies = [("media_app", "0009_clips")]

    operations = [
        migrations.AddField(
            "MediaAsset",
            "heard",
            models.JSONField(
                null=True,
                blank=True,
                validators=[media_app.models.assets.validate_object],
                help_text="The sound that sync compares: stream, channels, how (mix, channel or difference), reason.",
            ),
        ),
        migrations.AddField(
            "MediaAsset",
            "tracks",
            models.JSONField(
                default=list, blank=True, help_text="Every audio track: codec, channels, loudness, speech share, LTC."
            ),
        ),
    ]
