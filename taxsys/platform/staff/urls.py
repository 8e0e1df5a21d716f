"""Addresses of sign-in."""

from django.urls import path

from taxsys.platform.staff import views

urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("step-up", views.step_up, name="step-up"),
]
