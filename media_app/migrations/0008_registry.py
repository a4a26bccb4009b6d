"""Assets without a session: the registry, with what its clients say of them."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import media_app.models.assets

LABEL = django.core.validators.RegexValidator("^[A-Z]$", "A camera label is one capital letter, A to Z.")


class Migration(migrations.Migration):
    dependencies = [
        ("media_app", "0007_field_words"),
        ("sessions_app", "0003_master_clip"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            "MediaAsset",
            "session",
            models.ForeignKey(
                "sessions_app.RecordingSession",
                null=True,
                blank=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="assets",
            ),
        ),
        migrations.AlterField(
            "MediaAsset", "camera_label", models.CharField(max_length=1, blank=True, validators=[LABEL])
        ),
        migrations.AlterField(
            "MediaAsset",
            "project_id",
            models.CharField(
                max_length=64, blank=True, help_text="As the session's was when the file came: keys never move."
            ),
        ),
        migrations.AlterField("MediaAsset", "shoot_date", models.DateField(null=True, blank=True)),
        migrations.AddField(
            "MediaAsset",
            "last_version",
            models.PositiveIntegerField(
                default=0, editable=False, help_text="The last version given to the keys of a registry asset."
            ),
        ),
        migrations.AddField(
            "MediaAsset",
            "source_ref",
            models.CharField(max_length=200, blank=True, default="", help_text="The client's own id for it."),
            preserve_default=False,
        ),
        migrations.AddField(
            "MediaAsset",
            "source_uri",
            models.CharField(max_length=2000, blank=True, default="", help_text="The address it was fetched from."),
            preserve_default=False,
        ),
        migrations.AddField(
            "MediaAsset",
            "tags",
            models.JSONField(default=list, blank=True, validators=[media_app.models.assets.validate_tags]),
        ),
        migrations.AddField(
            "MediaAsset",
            "meta",
            models.JSONField(
                default=dict,
                blank=True,
                validators=[media_app.models.assets.validate_object],
                help_text="The client's own facts.",
            ),
        ),
        migrations.AddField(
            "MediaAsset",
            "user_id",
            models.CharField(max_length=150, blank=True, default="", help_text="The user, as the client named them."),
            preserve_default=False,
        ),
        migrations.AddField(
            "MediaAsset",
            "created_by",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                null=True,
                blank=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                help_text="The account that was signed in.",
            ),
        ),
        migrations.AddIndex(
            "MediaAsset", models.Index(fields=["tenant_id", "env", "-created_at"], name="asset_registry")
        ),
        migrations.AddIndex(
            "MediaAsset",
            models.Index(
                fields=["tenant_id", "env", "source_ref"],
                name="asset_source_ref",
                condition=~models.Q(source_ref=""),
            ),
        ),
    ]
