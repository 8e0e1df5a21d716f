"""Models of the 宛名 duty. My Numbers are in none of them: they live in schema `vault` (see addressbook.vault)."""

from addressbook.models.contact import ContactNote
from addressbook.models.delivery import BankAccount, DeliveryAddress, PartyLink
from addressbook.models.feed import FeedRecord, FeedState, NumberTask, Town
from addressbook.models.history import Address, HouseholdMembership, PartyVersion
from addressbook.models.merge import MergeCandidate, MergeLink
from addressbook.models.number import NumberAlarm, NumberEntry
from addressbook.models.number_file import NumberFile
from addressbook.models.party import Party
from addressbook.models.protection import Protection, ProtectionMember, ProtectionOpponent
from addressbook.models.reveals import RevealReport

__all__ = [
    "Address",
    "BankAccount",
    "ContactNote",
    "DeliveryAddress",
    "FeedRecord",
    "FeedState",
    "HouseholdMembership",
    "MergeCandidate",
    "MergeLink",
    "NumberAlarm",
    "NumberEntry",
    "NumberFile",
    "NumberTask",
    "Party",
    "PartyLink",
    "PartyVersion",
    "Protection",
    "ProtectionMember",
    "ProtectionOpponent",
    "RevealReport",
    "Town",
]
