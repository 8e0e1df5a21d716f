"""証明の処理 (writes): requests, issue, void, reissue, hold."""
