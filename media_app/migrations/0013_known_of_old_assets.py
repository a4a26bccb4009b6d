"""What is known of the assets of before: which are ready, and which count in drop-frame timecode."""

from django.db import migrations
from django.db.models import F


def fill_in(apps, schema_editor):
    """`updated_at` is the closest time on record: both were ready by then. The timecode's rate was never read, and stays
    empty until the asset is ingested again."""
    assets = apps.get_model("media_app", "MediaAsset").objects.using(schema_editor.connection.alias)
    ready = assets.filter(status="ready")
    ready.filter(has_audio=True).update(sound_ready_at=F("updated_at"))
    ready.filter(kind="video").update(picture_ready_at=F("updated_at"))
    assets.filter(timecode__contains=";").update(timecode_drop=True)


class Migration(migrations.Migration):
    dependencies = [("media_app", "0012_ready_at")]

    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop)]
