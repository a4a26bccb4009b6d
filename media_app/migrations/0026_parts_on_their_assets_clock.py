"""What engines made of a part of a recording lies where the part does: its times are those of the asset, as the part's are."""

from django.db import migrations


def place(apps, schema_editor):
    for row, part in _of_parts(apps, schema_editor):
        row.end_ms = part.end_ms if row.end_ms is None else row.end_ms + part.start_ms
        row.start_ms = part.start_ms + (row.start_ms or 0.0)
        row.save(update_fields=["start_ms", "end_ms"])


def _of_parts(apps, schema_editor):
    """Each artifact that an engine made of one with a place, after what it was made of: of pieces of a piece, the larger first."""
    db = schema_editor.connection.alias
    artifacts = apps.get_model("media_app", "DerivedMedia").objects.using(db)
    sources = apps.get_model("media_app", "ArtifactSource").objects.using(db)
    named = sources.filter(role="source", source_artifact__isnull=False, artifact__created_by_job__isnull=False)
    pairs = list(named.order_by("artifact__created_at").values_list("artifact", "source_artifact"))
    for artifact, source in pairs:
        row, part = artifacts.get(pk=artifact), artifacts.get(pk=source)
        if part.start_ms is not None and row.asset_id == part.asset_id:
            yield row, part


class Migration(migrations.Migration):
    dependencies = [("media_app", "0025_faces_hidden")]

    operations = [migrations.RunPython(place, migrations.RunPython.noop)]
