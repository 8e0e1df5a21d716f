"""Takes the place of the framework's `dbshell`: in production it runs only under a work ticket (R-186)."""

from django.core.management.commands.dbshell import Command as Plain

from taxsys.platform.registers.direct_work import UnderTicket


class Command(UnderTicket, Plain):
    """SQL で直接操作する: under 作業指示書."""

    operations = ("data_fix", "data_read", "maintenance", "restore")
