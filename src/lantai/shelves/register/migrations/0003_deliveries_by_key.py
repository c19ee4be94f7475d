"""Deliveries of clients bear a key, so that one sent again is known; what was imported before is concluded."""

from django.db import migrations, models


def conclude(apps, schema_editor):
    """Say of every earlier import that it is whole: it was written by a person who saw its end."""
    apps.get_model("register", "Import").objects.update(concluded_at=models.F("imported_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('register', '0002_numbers_in_their_order'),
    ]

    operations = [
        migrations.AddField(
            model_name='import',
            name='answer',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='import',
            name='concluded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(conclude, migrations.RunPython.noop),
        migrations.AddField(
            model_name='import',
            name='key',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('imported_by', 'key'), name='one_delivery_a_key'),
        ),
    ]
