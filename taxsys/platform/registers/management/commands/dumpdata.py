"""Takes the place of the framework's `dumpdata`: in production it runs only under a work ticket (R-186)."""

from django.core.management.commands.dumpdata import Command as Plain

from taxsys.platform.registers.direct_work import UnderTicket


class Command(UnderTicket, Plain):
    """表の内容を書き出す: under 作業指示書."""

    operations = ("data_read", "maintenance")
