"""Timecode with its own rate, source and drop flag; a summary of the keyframes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media_app", "0010_heard")]

    operations = [
        migrations.AlterField(
            "MediaAsset",
            "timecode",
            models.CharField(max_length=20, blank=True, help_text="Timecode of the first frame."),
        ),
        migrations.AddField(
            "MediaAsset",
            "timecode_rate",
            models.CharField(
                max_length=20,
                blank=True,
                default="",
                help_text="Exact rate at which the timecode counts; empty: not known.",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "MediaAsset",
            "timecode_source",
            models.CharField(
                max_length=20, blank=True, default="", help_text="Where it was read: tmcd, rtmd, ltc …"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "MediaAsset", "timecode_drop", models.BooleanField(default=False, help_text="Drop-frame counting.")
        ),
        migrations.AddField(
            "MediaAsset",
            "keyframe_summary",
            models.JSONField(
                default=dict,
                blank=True,
                help_text="Count and longest distance; the index is a file of kind keyframes.",
            ),
        ),
    ]
