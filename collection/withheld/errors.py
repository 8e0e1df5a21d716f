"""Refusals of the agents' payments."""

from collection.errors import CollectionError


class AgentPaymentError(CollectionError):
    """A payment of an agent cannot be worked off as asked."""

    code = "C0721"
