"""Takes the place of the framework's `loaddata`: in production it runs only under a work ticket (R-186)."""

from django.core.management.commands.loaddata import Command as Plain

from taxsys.platform.registers.direct_work import UnderTicket


class Command(UnderTicket, Plain):
    """表の内容を読み込む: under 作業指示書."""

    operations = ("data_fix", "restore")
