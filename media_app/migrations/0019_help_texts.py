"""Help texts in the words of the house."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('media_app', '0018_original_etag'),
    ]

    operations = [
        migrations.AlterField(
            model_name='mediajob',
            name='dedupe_key',
            field=models.CharField(blank=True, help_text='Of two unfinished jobs with the same key, only one exists.', max_length=200),
        ),
        migrations.AlterField(
            model_name='mediajob',
            name='fair_share_at',
            field=models.DateTimeField(default=django.utils.timezone.now, help_text="Position in the queue; a tenant's waiting jobs are an hour apart."),
        ),
        migrations.AlterField(
            model_name='mediajobattempt',
            name='stdout_bytes',
            field=models.BigIntegerField(default=0, help_text='Bytes of output so far.'),
        ),
        migrations.AlterField(
            model_name='mediajobattempt',
            name='stdout_tail',
            field=models.TextField(blank=True, help_text='The end of the output, until all of it is in the store.'),
        ),
        migrations.AlterField(
            model_name='webhook',
            name='generation',
            field=models.PositiveIntegerField(default=1, editable=False, help_text='Counts its secrets, of which none is stored.'),
        ),
    ]
