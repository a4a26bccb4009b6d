"""Help texts in the words of the house."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sessions_app', '0004_accounts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='recordingsession',
            name='status_reason',
            field=models.CharField(blank=True, help_text='The reason for its status, for the operator.', max_length=500),
        ),
    ]
