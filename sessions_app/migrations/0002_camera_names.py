"""Cameras have names."""

from django.db import migrations, models

import sessions_app.models


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0001_initial")]

    operations = [
        migrations.AddField(
            "RecordingSession",
            "camera_names",
            models.JSONField(
                default=dict,
                blank=True,
                validators=[sessions_app.models.validate_camera_names],
                help_text='Label → name: {"A": "Wide"}.',
            ),
        ),
    ]
