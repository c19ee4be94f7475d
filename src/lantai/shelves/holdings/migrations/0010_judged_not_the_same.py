"""Pairs of records that a person judged not to be duplicates."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("holdings", "0009_what_a_filter_looks_in")]

    operations = [
        migrations.CreateModel(
            name="Distinction",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("one", models.CharField(max_length=26)),
                ("other", models.CharField(max_length=26)),
                ("judged_by", models.CharField(max_length=64)),
                ("judged_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("one", "other"), name="one_judgement_a_pair")]},
        ),
    ]
