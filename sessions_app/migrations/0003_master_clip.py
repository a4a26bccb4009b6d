"""The preferred master may be a later clip: B.2."""

import re

from django.core.validators import RegexValidator
from django.db import migrations, models

CAMERA_KEY = RegexValidator(
    re.compile(r"^[A-Z](\.([2-9]|[1-9][0-9]{1,3}))?\Z"),
    "A camera key is a label, with the clip's number from the second on: B or B.2.",
)


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0002_camera_names")]

    operations = [
        migrations.AlterField(
            "RecordingSession",
            "preferred_master",
            models.CharField(
                max_length=8,
                blank=True,
                validators=[CAMERA_KEY],
                help_text="Empty: Studio picks the camera with the best sound.",
            ),
        ),
    ]
