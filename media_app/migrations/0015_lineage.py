"""Lineage: an artifact names everything that it was made from."""

import re

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import sessions_app.models

TENANT = django.core.validators.RegexValidator(
    re.compile(r"^t_[a-z0-9_-]+\Z"), "A tenant id looks like 't_name': small letters, digits, '_' and '-'."
)


class Migration(migrations.Migration):
    dependencies = [("media_app", "0014_artifacts")]

    operations = [
        migrations.CreateModel(
            name="ArtifactSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tenant_id",
                    models.CharField(max_length=64, validators=[TENANT], default=sessions_app.models.default_tenant),
                ),
                (
                    "env",
                    models.CharField(
                        max_length=5,
                        choices=[("dev", "Dev"), ("stage", "Stage"), ("prod", "Prod")],
                        default=sessions_app.models.default_env,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("role", models.CharField(max_length=30, blank=True, help_text="music, transcript, mask …")),
                ("key", models.CharField(max_length=500, help_text="The storage key of what went in.")),
                ("checksum", models.CharField(max_length=64, blank=True, help_text="SHA-256 of what went in.")),
                (
                    "artifact",
                    models.ForeignKey(
                        "media_app.DerivedMedia",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sources",
                    ),
                ),
                (
                    "source_artifact",
                    models.ForeignKey(
                        "media_app.DerivedMedia",
                        null=True,
                        blank=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="used_in",
                    ),
                ),
                (
                    "source_asset",
                    models.ForeignKey(
                        "media_app.MediaAsset",
                        null=True,
                        blank=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="used_in",
                    ),
                ),
            ],
            options={
                "ordering": ["artifact", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=["artifact", "key"], name="one_row_per_artifact_and_source"),
                    models.CheckConstraint(
                        condition=models.Q(source_asset__isnull=True) | models.Q(source_artifact__isnull=True),
                        name="source_is_one_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(source_artifact__isnull=True)
                        | ~models.Q(source_artifact=models.F("artifact")),
                        name="source_is_another_file",
                    ),
                ],
            },
        ),
    ]
