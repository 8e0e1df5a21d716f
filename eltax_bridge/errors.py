"""Refusals of the bridge, in the words of the desk."""


class BridgeError(Exception):
    """Base: `code` for the help desk, `message_ja` for the person."""

    code = "B0001"
    is_retryable = False

    def __init__(self, message_ja: str) -> None:
        super().__init__(f"{self.code} {message_ja}")
        self.message_ja = message_ja


class PayloadMissing(BridgeError):
    """A zip lacks a file that its index names."""

    code = "B0101"

    def __init__(self, name: str) -> None:
        super().__init__(f"圧縮ファイルの中に「{name}」がありません。送付元に再送を依頼してください。")
