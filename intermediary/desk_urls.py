"""Addresses of the register desk, under /provision/."""

from django.urls import path

from intermediary.views import file_book, own_transfers, register, register_table, transfers

urlpatterns = [
    path("register", register.rows, name="provision-register"),
    path("register/new", register.new, name="provision-row-new"),
    path("register/table", register_table.receive, name="provision-table-receive"),
    path("register/table/<uuid:file_id>", register_table.check, name="provision-table"),
    path("register/row/<str:row_no>", register.row, name="provision-row"),
    path("register/row/<str:row_no>/propose", register.propose, name="provision-row-propose"),
    path("register/row/<str:row_no>/end", register.end, name="provision-row-end"),
    path("file-book", file_book.page, name="file-book"),
    path("file-book.pdf", file_book.paper, name="file-book-paper"),
    path("file-book/<slug:name>.csv", file_book.table, name="file-book-table"),
    path("requests", transfers.requests, name="transfers"),
    path("requests/<int:transfer_id>", transfers.detail, name="transfer"),
    path("requests/<int:transfer_id>/check", transfers.check, name="transfer-check"),
    path("requests/<int:transfer_id>/execute", transfers.execute, name="transfer-execute"),
    path("requests/<int:transfer_id>/close", transfers.close, name="transfer-close"),
    path("executions/<int:execution_id>", transfers.result, name="transfer-result"),
    path("own", own_transfers.own, name="own-transfers"),
    path("own/new/<str:row_no>", own_transfers.ask, name="transfer-ask"),
    path("own/<int:transfer_id>", own_transfers.own_detail, name="own-transfer"),
    path("own/<int:transfer_id>/withdraw", own_transfers.withdraw, name="transfer-withdraw"),
    path("own/executions/<int:execution_id>", own_transfers.own_result, name="own-transfer-result"),
    path("own/executions/<int:execution_id>/receive", own_transfers.receive, name="transfer-receive"),
]
