"""直接操作の門: the framework's commands that reach the data past every screen need a work ticket in production
(R-186), and an upgrade needs its answered change request (R-285).

The demonstration and the tests work without: their data are invented.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.registers.errors import RegisterError
from taxsys.platform.registers.tickets import ticket_require
from taxsys.platform.staff.models import Staff


def is_production() -> bool:
    """Whether this installation holds real records."""
    return getattr(settings, "TAXSYS_PROFILE", "") == "production"


class UnderTicket(BaseCommand):
    """A command that runs in production only under a ticket that is ready and names its worker; its use is recorded."""

    operations: ClassVar[tuple[str, ...]] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The ticket and who works."""
        super().add_arguments(parser)
        parser.add_argument("--ticket", default="", help="作業指示書の番号（本番では必須）")
        parser.add_argument("--worker", default="", help="作業者の職員番号（本番では必須）")

    def handle(self, *args: Any, **options: Any) -> Any:
        """Ask for the ticket, then do what the command does. CommandError without one."""
        ticket, worker = options.pop("ticket", ""), options.pop("worker", "")
        if is_production():
            self._ask(ticket, worker)
        return super().handle(*args, **options)

    def _ask(self, ticket: str, worker_no: str) -> None:
        worker = Staff.objects.filter(staff_no=worker_no).first()
        if worker is None or not worker.is_usable_on():
            raise CommandError("作業者の職員番号（--worker）と作業指示書の番号（--ticket）を指定してください。")
        function = f"manage.{self.__module__.rpartition('.')[2]}"
        context = AccessContext(actor_kind="staff", actor_id=worker.staff_no, terminal="console", function_id=function)
        refusals = []
        with using(context):
            for operation in self.operations:
                try:
                    ticket_require(ticket, actor=worker, operation=operation)
                except RegisterError as error:
                    refusals.append(error.message_ja)
                else:
                    return
        raise CommandError(refusals[0])
