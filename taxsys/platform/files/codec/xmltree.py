"""Reader and writer of a national tax form in XML, following a tag tree; unknown tags are kept raw and reported."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, register_namespace, tostring

from defusedxml import ElementTree as SafeTree
from defusedxml.common import DefusedXmlException

from taxsys.kernel import wareki
from taxsys.platform.files.codec import bytescheck
from taxsys.platform.files.codec.parsed import Parsed
from taxsys.platform.files.errors import (
    E_CHARACTER,
    E_RELATION,
    L_EDITION,
    L_HEADER,
    FileRefused,
    LineProblem,
    RecordNotWritable,
)
from taxsys.platform.files.layouts import Layout

MAX_DEPTH = 100  # the tag trees of the forms have fewer than ten levels
_DATE_PARTS = ("era", "yy", "mm", "dd")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def parse_xml(content: bytes) -> Element:
    """Root of an XML document. FileRefused on broken XML, on entities and document types, and on elements nested
    deeper than any form."""
    bytes_ok = content[3:] if content.startswith(b"\xef\xbb\xbf") else content
    if not bytes_ok:
        raise FileRefused(L_HEADER, "ファイルが空（0バイト）です。送付元に再提出を依頼してください。")
    if len(bytes_ok) > bytescheck.MAX_BYTES:
        raise FileRefused(L_HEADER, "ファイルが1GBを超えています。")
    try:
        root: Element = SafeTree.fromstring(bytes_ok, forbid_dtd=True)
    except DefusedXmlException:
        raise FileRefused(E_CHARACTER, "XML に文書型宣言または実体参照があります。安全のため受け付けません。") from None
    except (ParseError, ValueError, LookupError):
        raise FileRefused(L_HEADER, "XML として読めません。途中で切れていないか確認してください。") from None
    _depth_check(root)
    return root


def _depth_check(root: Element) -> None:
    """Level by level, not by recursion: what is refused here would break whoever walks the tree."""
    level, depth = [root], 1
    while level := [child for node in level for child in node]:
        depth += 1
        if depth > MAX_DEPTH:
            raise FileRefused(E_CHARACTER, "XML の要素の入れ子が深すぎます。様式のとおりか確認してください。")


def is_date(node: Element) -> bool:
    """True when an element holds its date in era, yy, mm and dd."""
    return {_local(child.tag) for child in node} >= set(_DATE_PARTS)


def read_date(node: Element) -> date:
    """Day of an element with gen:era (chronological), gen:yy, gen:mm, gen:dd. WarekiError when impossible."""
    part = {_local(child.tag): (child.text or "").strip() for child in node}
    if not all(part[name].isdigit() for name in _DATE_PARTS):
        raise wareki.WarekiError("元号・年・月・日は数字が必要です。")
    era = wareki.era_by_code(int(part["era"]))
    return wareki.day_in_era(era, int(part["yy"]), int(part["mm"]), int(part["dd"]))


class _Walk:
    """Values, unknown tags and problems gathered on the way through one form."""

    def __init__(self, layout: Layout) -> None:
        self.known = {one.name: one for one in layout.data_fields}
        self.leaves = {one.name for one in layout.data_fields if one.type == "leaf"}
        self.values: dict[str, Any] = {}
        self.unknown: list[str] = []
        self.errors: list[LineProblem] = []

    def take(self, node: Element) -> None:
        for child in node:
            name = _local(child.tag)
            if name not in self.known:
                self.unknown.append(name)
                self.values.setdefault("_unknown", {})[name] = tostring(child, encoding="unicode")
                continue
            if is_date(child):
                self._date(name, child)
            elif len(child) and name not in self.leaves:
                self.take(child)
            else:
                # An empty branch is a ticked box: it stands as "" where an absent one is None.
                self._put(name, (child.text or "").strip() or (None if name in self.leaves else ""))
                if len(child):
                    self.take(child)

    def _date(self, name: str, node: Element) -> None:
        try:
            self._put(name, read_date(node))
        except wareki.WarekiError as error:
            ja = self.known[name].name_ja
            self.errors.append(LineProblem(1, E_RELATION, f"{ja}: {error.message_ja}", name, ja))

    def _put(self, name: str, value: Any) -> None:
        if name in self.values and value is not None:
            held = self.values[name]
            self.values[name] = [*held, value] if isinstance(held, list) else [held, value]
        elif value is not None or name not in self.values:
            self.values[name] = value


def read(layout: Layout, content: bytes) -> Parsed:
    """Read one return. Values stand under their tags; `info["unknown_tags"]` lists tags that the edition lacks."""
    root = parse_xml(content)
    form_id = layout.data_fields[0].name
    form = root if _local(root.tag) == form_id else next((n for n in root.iter() if _local(n.tag) == form_id), None)
    if form is None:
        raise FileRefused(L_EDITION, f"帳票{form_id}がありません。別の様式ではないか確認してください。", line_no=1)
    version = form.get("VR")
    if version is not None and version != layout.options["form_version"]:
        raise FileRefused(
            L_EDITION,
            f"帳票{form_id}の版{version}の表がありません（あるのは{layout.options['form_version']}版）。管理者に表の追加を依頼してください。",
            line_no=1,
        )
    walk = _Walk(layout)
    walk.take(form)
    warnings = [
        LineProblem(
            1, L_EDITION, f"版の表にない項目{name}がありました。原文のまま保管します。", name, severity="warning"
        )
        for name in dict.fromkeys(walk.unknown)
    ]
    columns = {name: [walk.values.get(name)] for name in [*layout.names, "_unknown"]}
    parsed = Parsed(layout.key, dict(columns), [1], walk.errors, warnings, line_count=1)
    parsed.info["unknown_tags"] = list(dict.fromkeys(walk.unknown))
    return parsed


def write(
    layout: Layout, records: Iterable[Mapping[str, Any]], header: Mapping[str, Any], trailer: Mapping[str, Any]
) -> bytes:
    """XML of exactly one return from values by tag. RecordNotWritable on an unknown tag or more than one record."""
    found = list(records)
    if len(found) != 1:
        raise RecordNotWritable(L_EDITION, "申告書の XML は1件ずつ作成してください。")
    values = found[0]
    odd = set(values) - set(layout.names) - {"_unknown"}
    if odd:
        raise RecordNotWritable(L_EDITION, f"版の表にない項目です: {'、'.join(sorted(odd))}")
    space, general = layout.options["namespace"], layout.options["general_namespace"]
    register_namespace("gen", general)
    register_namespace("", space)
    stack: list[tuple[int, Element]] = []
    root: Element | None = None
    wanted = _wanted(layout, values)
    for one in layout.data_fields:
        if one.name not in wanted:
            continue
        while stack and stack[-1][0] >= one.level:
            stack.pop()
        tag = f"{{{space}}}{one.name}"
        node = Element(tag, {"VR": str(layout.options["form_version"])}) if not stack else SubElement(stack[-1][1], tag)
        root = node if root is None else root
        stack.append((one.level, node))
        _fill(node, values.get(one.name), general)
    if root is None:
        raise RecordNotWritable(L_EDITION, "書き出す項目がありません。")
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _wanted(layout: Layout, values: Mapping[str, Any]) -> set[str]:
    """Tags with a value and every branch above them."""
    wanted: set[str] = {layout.data_fields[0].name}
    path: list[tuple[int, str]] = []
    for one in layout.data_fields:
        while path and path[-1][0] >= one.level:
            path.pop()
        path.append((one.level, one.name))
        if values.get(one.name) is not None:
            wanted |= {name for _, name in path}
    return wanted


def _fill(node: Element, value: Any, general: str) -> None:
    if value is None:
        return
    if isinstance(value, date):
        era, year = wareki.era_year(value)
        for name, part in zip(_DATE_PARTS, (era.code, year, value.month, value.day), strict=True):
            SubElement(node, f"{{{general}}}{name}").text = str(part)
        return
    text = str(value)
    if any(char < " " and char not in "\t\n\r" for char in text):
        raise RecordNotWritable(E_CHARACTER, f"{_local(node.tag)}に制御文字は書けません。")
    node.text = text
