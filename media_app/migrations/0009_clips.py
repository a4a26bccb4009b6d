"""Cameras that stop and start: a camera has clips, counted from 1."""

import django.db.models.deletion
from django.db import migrations, models

ANGLE = ["tenant_id", "env", "project_id", "shoot_date", "camera_label"]
COUNTED = ["tenant_id", "env", "project_id", "day", "camera_label"]


class Migration(migrations.Migration):
    dependencies = [("media_app", "0008_registry")]

    operations = [
        migrations.RemoveConstraint("MediaAsset", "one_asset_per_session_and_camera"),
        migrations.RemoveConstraint("MediaAsset", "one_asset_per_angle_version"),
        migrations.RemoveConstraint("AngleCounter", "one_counter_per_angle"),
        migrations.AddField(
            "MediaAsset",
            "clip",
            models.PositiveSmallIntegerField(
                default=1, help_text="Counts the camera's recordings from 1; never renumbered."
            ),
        ),
        migrations.AddField(
            "MediaAsset",
            "continues",
            models.ForeignKey(
                "media_app.MediaAsset",
                null=True,
                blank=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="continued_by",
                help_text="The chapter before this one, where the camera split one recording into files.",
            ),
        ),
        migrations.AddField("AngleCounter", "clip", models.PositiveSmallIntegerField(default=1)),
        migrations.AlterModelOptions("MediaAsset", {"ordering": ["camera_label", "clip"]}),
        migrations.AddConstraint(
            "MediaAsset",
            models.UniqueConstraint(fields=["session", "camera_label", "clip"], name="one_asset_per_session_and_clip"),
        ),
        migrations.AddConstraint(
            "MediaAsset",
            models.UniqueConstraint(fields=[*ANGLE, "clip", "version"], name="one_asset_per_clip_version"),
        ),
        migrations.AddConstraint(
            "MediaAsset", models.UniqueConstraint(fields=["continues"], name="one_chapter_continues_another")
        ),
        migrations.AddConstraint(
            "AngleCounter", models.UniqueConstraint(fields=[*COUNTED, "clip"], name="one_counter_per_clip")
        ),
    ]
