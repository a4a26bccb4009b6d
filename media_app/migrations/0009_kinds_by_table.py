"""The kinds of files come from one table, so that a new kind needs no migration."""

from django.db import migrations, models

import media_app.models.artifacts


class Migration(migrations.Migration):
    dependencies = [("media_app", "0008_original_etag")]

    operations = [
        migrations.AlterField(
            "DerivedMedia", "kind", models.CharField(max_length=30, choices=media_app.models.artifacts.kind_choices)
        ),
    ]
