"""One subject of accounts; see the models of the same name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_mfa")]

    operations = []
