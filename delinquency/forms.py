"""滞納の入力 (forms of the arrears desk)."""

from django import forms

from delinquency.models import ContactMethod
from taxsys.platform.ui.forms import WarekiDateField


class ContactForm(forms.Form):
    """折衝記録."""

    contacted_on = WarekiDateField(label="折衝日", is_due_date=True)
    method = forms.ChoiceField(label="方法", choices=ContactMethod.choices)
    content = forms.CharField(label="内容", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    next_on = WarekiDateField(label="次にする日", required=False, is_due_date=True)
    next_step = forms.CharField(label="次にすること", max_length=100, required=False)


class ReasonForm(forms.Form):
    """督促の取消の理由."""

    reason = forms.CharField(label="理由", max_length=200)


class ReturnForm(forms.Form):
    """督促状の返戻."""

    returned_on = WarekiDateField(label="返戻日", is_due_date=True)
    reason = forms.CharField(label="返戻の理由", max_length=100, initial="あて所に尋ねあたりません")
