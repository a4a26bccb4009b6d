"""The master may be a later clip: B.2."""

import re

from django.core.validators import RegexValidator
from django.db import migrations, models

CAMERA_KEY = RegexValidator(
    re.compile(r"^[A-Z](\.([2-9]|[1-9][0-9]{1,3}))?\Z"),
    "A camera key is a label, with the clip's number from the second on: B or B.2.",
)


class Migration(migrations.Migration):
    dependencies = [("sync_app", "0002_needs_work")]

    operations = [
        migrations.AlterField(
            "SyncResult", "master_camera", models.CharField(max_length=8, validators=[CAMERA_KEY])
        ),
    ]
