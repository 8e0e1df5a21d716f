"""The four uses of tax data are four families of rights, and no role spans them by its defaults (R-168)."""

import pytest

from taxsys.platform.rights.families import FAMILIES, families_of, family_of
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.permissions import ALL_ROLES
from taxsys.platform.staff.services import permissions_for_role
from taxsys.platform.staff.units import UNITS

pytestmark = pytest.mark.req("R-168")
ACTING = {"create", "update", "delete", "approve"}
USES_OF_A_DIVISION = {"賦課", "収納", "滞納"}  # people are searched for by everybody who works with them


def test_each_of_the_four_uses_has_its_own_rights() -> None:
    assert list(FAMILIES) == ["賦課", "収納", "滞納", "宛名特定・突合"]
    for name in FAMILIES:
        assert [code for code in catalogue() if family_of(code) == name]
    assert family_of("jobs.view") == ""


@pytest.mark.parametrize("role", ALL_ROLES)
@pytest.mark.parametrize("unit", [name for _code, name, _kind in UNITS])
def test_no_role_of_any_division_works_in_all_four_by_its_defaults(role: str, unit: str) -> None:
    given = permissions_for_role(role, unit)
    assert families_of(one.code for one in given if one.actions & ACTING) != set(FAMILIES)


def test_personal_data_of_a_use_is_open_only_to_divisions_that_the_right_names() -> None:
    named = [one for one in catalogue().values() if one.risk != "normal" and family_of(one.code) in USES_OF_A_DIVISION]
    assert len(named) > 20
    assert [one.code for one in named if not one.default_units and set(one.default_roles) & {"clerk", "chief"}] == []


def test_who_assesses_changes_nothing_in_the_money_and_the_other_way_round() -> None:
    def changes(unit: str) -> set[str]:
        found = [one for role in ("clerk", "chief") for one in permissions_for_role(role, unit)]
        return families_of(one.code for one in found if one.actions & ACTING)

    assert not changes("市民税課") & {"収納", "滞納"}
    assert "賦課" not in changes("納税管理課")


def test_a_neighbouring_division_gets_none_of_the_four() -> None:
    codes = {one.code for one in permissions_for_role("neighbour", "国民健康保険課")}
    assert "intermediary.request_transfer" in codes
    assert families_of(codes) == set()
