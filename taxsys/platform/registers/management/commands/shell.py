"""Takes the place of the framework's `shell`: in production it runs only under a work ticket (R-186)."""

from django.core.management.commands.shell import Command as Plain

from taxsys.platform.registers.direct_work import UnderTicket


class Command(UnderTicket, Plain):
    """Python で直接操作する: under 作業指示書."""

    operations = ("data_fix", "data_read", "maintenance", "configuration")
