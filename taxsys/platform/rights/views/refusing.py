"""The rights desk's errors as the house's refusals."""

from taxsys.platform.refusals import Refused
from taxsys.platform.rights import errors


def refused(error: errors.RightsError) -> Refused:
    """The refusal page (and its event) of an error that no input can mend."""
    if isinstance(error, errors.SamePerson):
        return Refused("R403-OWN", error.message_ja, reason="same_person")
    if isinstance(error, errors.NotAppointed):
        return Refused("R403", error.message_ja, reason="not_appointed")
    if isinstance(error, errors.AlreadyClosed):
        return Refused("R409-DECIDED", error.message_ja, reason="already_closed")
    return Refused("R409", error.message_ja, reason=error.code)
