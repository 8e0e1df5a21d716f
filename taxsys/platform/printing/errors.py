"""印刷の異常 (errors of printing): every message says what happened, why and what to do."""

from __future__ import annotations


class PrintingError(Exception):
    """印刷の異常の親 (base). `message_ja` is for the screen, `code` for lists, `item_key` the piece."""

    code = "P0000"

    def __init__(self, message_ja: str, *, item_key: str = "") -> None:
        super().__init__(message_ja)
        self.message_ja = message_ja
        self.item_key = item_key


class MissingGlyph(PrintingError):
    """印字できない文字 (no installed font has the glyph): names the person and the character, never a silent box."""

    code = "P0001"

    def __init__(self, character: str, owner: str = "", *, item_key: str = "") -> None:
        points = "+".join(f"U+{ord(c):04X}" for c in character)
        whose = f"「{owner}」の" if owner else ""
        super().__init__(
            f"{whose}文字「{character}」（{points}）を印字できるフォントがありません。"
            "この文字を持つフォント（IPAmj明朝など）を導入するか、印刷対象から引き抜いてください。",
            item_key=item_key,
        )
        self.character = character
        self.owner = owner


class TextDoesNotFit(PrintingError):
    """枠に収まらない文字列 (a text does not fit its box even at the smallest size): nothing is cut."""

    code = "P0002"

    def __init__(self, text: str, width_mm: float, height_mm: float) -> None:
        super().__init__(
            f"「{text[:60]}」（{len(text)}文字）が印字枠（{width_mm:.1f}×{height_mm:.1f}mm）に収まりません。"
            "文字数を減らすか、帳票の枠を見直してください。"
        )
        self.text = text


class CodeRefused(PrintingError):
    """バーコード等の内容不正 (content of a bar code or QR is not allowed)."""

    code = "P0003"


class PackageRefused(PrintingError):
    """印刷物の組の異常 (a print package may not be built, released, handed over or mailed)."""

    code = "P0004"
