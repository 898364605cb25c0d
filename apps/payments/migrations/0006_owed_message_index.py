"""The index by which owed messages are found, made without keeping anybody waiting."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0005_owed_message")]

    operations = [
        AddIndexConcurrently(
            model_name="sandboxintent",
            index=models.Index(
                condition=models.Q(("untold_since__isnull", False)),
                fields=["untold_since"],
                name="payments_sandbox_untold",
            ),
        ),
    ]
