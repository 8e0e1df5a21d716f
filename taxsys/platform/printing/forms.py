"""Forms of the printing desk."""

from django import forms

from taxsys.platform.ui.forms import WarekiDateField


class PullForm(forms.Form):
    """引抜き: which piece, and why."""

    item_key = forms.CharField(label="業務キー", max_length=60, widget=forms.HiddenInput)
    reason = forms.CharField(label="引抜きの理由", max_length=100, help_text="例：死亡の届出、宛先不明、内容の誤り")


class HandOverForm(forms.Form):
    """引渡し: to whom, and how many pieces were counted."""

    to = forms.CharField(label="引渡先", max_length=100)
    bulk_pieces = forms.IntegerField(
        label="数えた通数", min_value=0, help_text="委託分の現物又は印刷データの通数を、数えて入力します。"
    )


class MailForm(forms.Form):
    """発送: posting date, pieces posted, spoiled pieces."""

    posted_on = WarekiDateField(label="発送日")
    mailed_pieces = forms.IntegerField(label="発送通数", min_value=0)
    accident_pieces = forms.IntegerField(
        label="事故通数", min_value=0, initial=0, help_text="破損などで発送しなかった通数（引抜きを除く）"
    )


class RecallForm(forms.Form):
    """回収: the reason."""

    reason = forms.CharField(label="回収の理由", max_length=200)
