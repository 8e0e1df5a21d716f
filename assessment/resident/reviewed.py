"""審査済の法定値 (reviewed law): a parameter set is used for a decision only once its fingerprint has been reviewed.

`reviewed.toml` names, per municipality and tax year, the fingerprint of the one set that two people have compared with
its sources. A changed parameter file changes the fingerprint, so a run with it is refused by name until the review is
written down (`manage.py law_reviewed --write`, in the same change as the file). Trials go on without it. I1, I4; R-019.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from taxsys.kernel import wareki
from taxsys.params.model import ParameterSet

REVIEWED_FILE = Path(__file__).with_name("reviewed.toml")


@cache
def reviewed_hashes() -> Mapping[str, str]:
    """ "municipality/tax year" → fingerprint of the reviewed set."""
    found: Mapping[str, str] = tomllib.loads(REVIEWED_FILE.read_text(encoding="utf-8"))["reviewed"]
    return found


def law_refusal_ja(law: ParameterSet, municipality_code: str) -> str:
    """Why the set may not be used for a decision, or "" where it is the reviewed one."""
    year = wareki.format_year(int(str(law.when)))
    reviewed = reviewed_hashes().get(f"{municipality_code}/{law.when}")
    if reviewed is None:
        return f"{year}年度の法定値は審査されていません。二人で出典と照らし、審査を記録してください。"
    if reviewed != law.hash:
        return (
            f"{year}年度の法定値が審査済のもの(指紋 {reviewed[:12]})と違います(今の指紋 {law.hash[:12]})。"
            "変わった値を二人で出典と照らし、審査を記録してから計算してください。"
        )
    return ""
