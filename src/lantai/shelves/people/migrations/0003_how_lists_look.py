"""Which columns the list of the workbench shows a person, and how high its rows are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0002_saved_views")]

    operations = [
        migrations.AddField("account", "list_columns", models.CharField(blank=True, default="number date pages", max_length=64)),
        migrations.AddField("account", "list_density", models.CharField(blank=True, default="", max_length=8), preserve_default=False),
    ]
