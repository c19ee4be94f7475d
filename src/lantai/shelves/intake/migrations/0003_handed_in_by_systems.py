"""What a system of the agency hands in has a key of its own, which stands for one batch."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_packed_reports")]

    operations = [
        migrations.AddField("batch", "key", models.CharField(blank=True, default="", max_length=64), preserve_default=False),
        migrations.AddField("batch", "sha256", models.CharField(blank=True, default="", max_length=64), preserve_default=False),
        migrations.AddConstraint(
            "batch",
            models.UniqueConstraint(fields=("submitter", "key"), condition=~models.Q(key=""), name="one_batch_a_key"),
        ),
    ]
