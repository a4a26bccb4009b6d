"""Bytes of exports and packages in columns of their own, so that a quota can add them up."""

from django.db import migrations, models


def measure_exports(apps, schema_editor) -> None:
    """Each file of an export says how large it is. Of packages nothing was kept: a chore asks the store."""
    export = apps.get_model("render_app", "Export")
    for row in export.objects.exclude(files_json=[]).only("pk", "files_json").iterator(chunk_size=500):
        size = sum(file["size_bytes"] for file in row.files_json)
        export.objects.filter(pk=row.pk).update(size_bytes=size)


class Migration(migrations.Migration):
    dependencies = [("render_app", "0008_first_films")]

    operations = [
        migrations.AddField(
            "export", "size_bytes", models.BigIntegerField(default=0, help_text="Of its files together.")
        ),
        migrations.AddField(
            "production",
            "size_bytes",
            models.BigIntegerField(
                blank=True, help_text="Of its package; null while there is none, or none that was measured.", null=True
            ),
        ),
        migrations.RunPython(measure_exports, migrations.RunPython.noop, elidable=True),
    ]
