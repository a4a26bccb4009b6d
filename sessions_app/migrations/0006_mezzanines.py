from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0005_help_texts")]

    operations = [
        migrations.AddField(
            "recordingsession",
            "mezzanines",
            models.BooleanField(
                default=True, help_text="Whether its recordings get edit-ready copies, where this server makes them."
            ),
        ),
    ]
