"""Systems of the agency that send by themselves, each with a token."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0003_how_lists_look'),
    ]

    operations = [
        migrations.CreateModel(
            name='Client',
            fields=[
                ('id', models.CharField(max_length=26, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=64)),
                ('scopes', models.CharField(max_length=200)),
                ('department', models.CharField(blank=True, max_length=32)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('issued_by', models.CharField(max_length=26)),
                ('issued_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('approved_by', models.CharField(blank=True, max_length=26)),
                ('approved_at', models.DateTimeField(null=True)),
                ('withdrawn_by', models.CharField(blank=True, max_length=26)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
        ),
    ]
