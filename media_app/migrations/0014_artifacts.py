"""Artifacts: the stretch and the track that they were made from, their cache key and their job."""

import django.db.models.deletion
from django.db import migrations, models

import media_app.models.artifacts
import media_app.models.assets


class Migration(migrations.Migration):
    dependencies = [("media_app", "0013_known_of_old_assets")]

    operations = [
        migrations.AlterField(
            "DerivedMedia", "kind", models.CharField(max_length=30, choices=media_app.models.artifacts.kind_choices)
        ),
        migrations.AlterField(
            "DerivedMedia",
            "variant",
            models.CharField(
                max_length=64,
                blank=True,
                help_text="Distinguishes files of one kind: 20 and 1000 peaks/s, the frames of a grab.",
            ),
        ),
        migrations.AlterField(
            "DerivedMedia",
            "meta",
            models.JSONField(default=dict, blank=True, validators=[media_app.models.assets.validate_object]),
        ),
        migrations.AlterField(
            "DerivedMedia",
            "expired_at",
            models.DateTimeField(null=True, blank=True, help_text="When the lifecycle policy deleted the file."),
        ),
        migrations.AddField(
            "DerivedMedia",
            "cache_key",
            models.CharField(
                max_length=64,
                blank=True,
                default="",
                help_text="Digest of all that went in: asked for twice, made once.",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "DerivedMedia",
            "start_ms",
            models.FloatField(null=True, blank=True, help_text="The stretch of the asset it was made from."),
        ),
        migrations.AddField("DerivedMedia", "end_ms", models.FloatField(null=True, blank=True)),
        migrations.AddField(
            "DerivedMedia",
            "track_label",
            models.CharField(max_length=64, blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "DerivedMedia",
            "created_by_job",
            models.ForeignKey(
                "media_app.MediaJob",
                null=True,
                blank=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="artifacts",
            ),
        ),
        migrations.AddIndex(
            "DerivedMedia",
            models.Index(fields=["cache_key"], name="artifact_cache_key", condition=~models.Q(cache_key="")),
        ),
        migrations.AddConstraint(
            "DerivedMedia",
            models.UniqueConstraint(
                fields=["asset", "kind", "variant", "cache_key"],
                condition=~models.Q(cache_key=""),
                name="one_artifact_per_cache_key",
            ),
        ),
        migrations.AddConstraint(
            "DerivedMedia",
            models.CheckConstraint(
                condition=models.Q(start_ms__isnull=True, end_ms__isnull=True)
                | models.Q(start_ms__isnull=False, start_ms__gte=0, end_ms__isnull=True)
                | models.Q(start_ms__isnull=False, start_ms__gte=0, end_ms__gte=models.F("start_ms")),
                name="artifact_ends_after_start",
                violation_error_message="start_ms is 0 or later, and end_ms is not before it.",
            ),
        ),
    ]
