"""Every request to hide faces names the version of the scan that it rests on: also those that changed regions by hand, whose summaries
name the one before as their source. It stays empty where that is no longer known."""

from django.db import migrations, models

SUMMARY = "video_region_summary"


def name_scans(apps, schema_editor):
    db = schema_editor.connection.alias
    rows = apps.get_model("render_app", "Anonymisation").objects.using(db)
    for row in rows.filter(summary__isnull=False).select_related("summary"):
        rows.filter(pk=row.pk).update(scan_version=_version(apps, db, row.summary)[:20])


def _version(apps, db, summary):
    """The version of the detector at the beginning of what a summary was made of."""
    sources = apps.get_model("media_app", "ArtifactSource").objects.using(db)
    seen = set()
    while summary is not None and summary.pk not in seen:
        if summary.meta.get("backend_type") == "model":
            return str(summary.meta.get("backend_version", ""))
        seen.add(summary.pk)
        before = sources.filter(artifact=summary.pk, role="source", source_artifact__kind=SUMMARY)
        source = before.select_related("source_artifact").first()
        summary = source.source_artifact if source else None
    return ""


class Migration(migrations.Migration):
    dependencies = [
        ("media_app", "0026_parts_on_their_assets_clock"),
        ("render_app", "0006_anonymisation"),
    ]

    operations = [
        migrations.AddField(
            model_name="anonymisation",
            name="scan_version",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Version of the face scan that it rests on, or that was in use when a person decided about an older one; empty: not known.",
                max_length=20,
            ),
        ),
        migrations.RunPython(name_scans, migrations.RunPython.noop),
    ]
