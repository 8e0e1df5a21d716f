"""Addresses of the printing desk."""

from django.urls import path

from taxsys.platform.printing import views

urlpatterns = [
    path("", views.packages, name="printing"),
    path("<int:package_id>", views.package_page, name="printing-package"),
    path("<int:package_id>/pieces/<int:item_id>", views.piece, name="printing-piece"),
    path("<int:package_id>/count-sheet", views.count_sheet, name="printing-count-sheet"),
    path("<int:package_id>/pull-outs", views.pull_outs, name="printing-pull-outs"),
    path("<int:package_id>/pull", views.pull, name="printing-pull"),
    path("<int:package_id>/release", views.release, name="printing-release"),
    path("<int:package_id>/hand-over", views.hand_over, name="printing-hand-over"),
    path("<int:package_id>/mail", views.mail, name="printing-mail"),
    path("<int:package_id>/recall", views.recall, name="printing-recall"),
]
