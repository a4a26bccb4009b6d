"""Mastered sound has kinds of its own, and `render` is free for renders."""

from django.db import migrations

KINDS = {"wav": "audio_master_listen", "dat": "audio_master_peaks"}


def give_masters_their_kind(apps, schema_editor):
    """A master was a `render` in the group `masters`; its variant named it, and its extras by a suffix."""
    alias = schema_editor.connection.alias
    for row in _in_group(apps, alias).filter(kind="render").iterator():
        name, _, extra = row.variant.partition("-")
        row.kind, row.variant = KINDS.get(extra, "audio_master"), name
        row.save(update_fields=["kind", "variant"])
    _name_their_music(apps, alias)


def _name_their_music(apps, alias):
    """The music of a master is a source of it, where its job is still on record."""
    jobs = apps.get_model("media_app", "MediaJob").objects.using(alias)
    assets = apps.get_model("media_app", "MediaAsset").objects.using(alias)
    sources = apps.get_model("media_app", "ArtifactSource").objects.using(alias)
    for job in jobs.filter(type="audio_master_v1", status="COMPLETED").iterator():
        key = job.input_json.get("music_key")
        master = _in_group(apps, alias).filter(pk=(job.result_json or {}).get("derived_id")).first() if key else None
        if master is None:
            continue
        music = assets.filter(pk=job.input_json.get("music_asset_id"), original_key=key).first()
        sources.get_or_create(
            artifact=master,
            key=key,
            defaults={
                "tenant_id": master.tenant_id,
                "env": master.env,
                "source_asset": music,
                "checksum": music.checksum if music else "",
                "role": "music",
            },
        )


def take_it_back(apps, schema_editor):
    suffixes = {kind: f"-{suffix}" for suffix, kind in KINDS.items()}
    masters = _in_group(apps, schema_editor.connection.alias)
    for row in masters.filter(kind__in=["audio_master", *suffixes]).iterator():
        row.variant += suffixes.get(row.kind, "")
        row.kind = "render"
        row.save(update_fields=["kind", "variant"])


def _in_group(apps, alias):
    return apps.get_model("media_app", "DerivedMedia").objects.using(alias).filter(key__contains="/masters/")


class Migration(migrations.Migration):
    dependencies = [("media_app", "0015_lineage")]

    operations = [migrations.RunPython(give_masters_their_kind, take_it_back)]
