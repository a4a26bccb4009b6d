"""A mezzanine's codec is a parameter of its engine: `format` becomes `params`, also for jobs that wait."""

from django.db import migrations


def name_the_parameter(apps, schema_editor):
    for job in _mezzanines(apps, schema_editor).filter(input_json__has_key="format").iterator():
        job.input_json["params"] = {"codec": job.input_json.pop("format")}
        job.save(update_fields=["input_json"])


def take_it_back(apps, schema_editor):
    for job in _mezzanines(apps, schema_editor).filter(input_json__has_key="params").iterator():
        job.input_json["format"] = job.input_json.pop("params")["codec"]
        job.save(update_fields=["input_json"])


def _mezzanines(apps, schema_editor):
    jobs = apps.get_model("media_app", "MediaJob").objects.using(schema_editor.connection.alias)
    return jobs.filter(type="engine_mezzanine_v1")


class Migration(migrations.Migration):
    dependencies = [("media_app", "0019_help_texts")]

    operations = [migrations.RunPython(name_the_parameter, take_it_back)]
