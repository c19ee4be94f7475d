"""Reports are kept without what their scheme tells; those that are there already stay whole and are read as they are."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial")]

    operations = [migrations.RenameField("report", "body", "packed")]
