"""続柄 in words: the code of the resident feed carries two digits per step from the head of the household."""

from addressbook.codes import HEAD_RELATION_CODE

# Labels of the steps. The official list is that of the city's resident record system (未確認: the codes used here are
# the ones of the feed's local layout); a code that is not in it is shown as it is.
STEPS = {
    HEAD_RELATION_CODE: "世帯主",
    "03": "準世帯主",
    "11": "夫",
    "12": "妻",
    "13": "夫（未届）",
    "14": "妻（未届）",
    "20": "子",
    "51": "父母",
    "71": "兄弟姉妹",
    "91": "縁故者",
    "99": "同居人",
}


def relation_text(code: str) -> str:
    """世帯主との続柄: `12` → 妻, `2012` → 子の妻; empty for no code."""
    steps = [code[at : at + 2] for at in range(0, len(code.strip()), 2)]
    return "の".join(STEPS.get(step, f"続柄{step}") for step in steps)
