"""An intent of the sandbox notes the message that it owes. Old rows owe none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_needless_indexes")]

    operations = [
        migrations.AddField(
            model_name="sandboxintent",
            name="untold_since",
            field=models.DateTimeField(null=True),
        ),
    ]
