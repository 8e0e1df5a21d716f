"""委託先の部屋: what a contractor's account may do, and from which rooms' terminals (R-102, R-176, R-177).

A contractor holds only what the role of the contract is declared for, whatever has been granted: a permission that
touches taxpayers cannot be given to an operator by mistake.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from taxsys.platform.refusals import Refused
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.models import Room, Staff, Terminal


@dataclass(frozen=True, kw_only=True)
class ContractRoom:
    """One contract: the role whose permissions it may hold, the rooms it works in, whether each hour needs a ticket."""

    role: str
    rooms: frozenset[str]
    needs_ticket: bool = False


CONTRACTS: Mapping[str, ContractRoom] = {
    Staff.Contract.OPERATION: ContractRoom(role="operator", rooms=frozenset({Room.MACHINE})),
    Staff.Contract.ENTRY: ContractRoom(role="entry", rooms=frozenset({Room.ENTRY})),
    Staff.Contract.PRINTING: ContractRoom(role="printer", rooms=frozenset({Room.OFFICE, Room.MACHINE})),
    Staff.Contract.MAINTENANCE: ContractRoom(role="maintainer", rooms=frozenset({Room.MACHINE}), needs_ticket=True),
}
_gates: list[Callable[[Staff], bool]] = []


def ticket_gate_register(gate: Callable[[Staff], bool]) -> None:
    """Name who answers whether a contractor has an approved ticket right now (from AppConfig.ready)."""
    _gates[:] = [gate]


def contract_codes(staff: Staff, codes: frozenset[str]) -> frozenset[str]:
    """What is left of these permission codes for a contractor; without a needed ticket only the own settings."""
    contract = CONTRACTS[staff.contract]
    declared = catalogue()
    allowed = frozenset(code for code in codes if code in declared and contract.role in declared[code].default_roles)
    if contract.needs_ticket and not any(gate(staff) for gate in _gates):
        return allowed & {"staff.self", "staff.home"}
    return allowed


def room_check(staff: Staff, terminal: Terminal) -> None:
    """Raise Refused where a contractor sits at a terminal outside the rooms of the contract."""
    if not staff.contract:
        return
    rooms = CONTRACTS[staff.contract].rooms
    if not rooms & set(terminal.rooms):
        places = "・".join(room.label for room in Room if room in rooms)
        raise Refused("R403-TERMINAL", f"この職員番号は、{places}の端末からだけ使えます。", reason="room")
