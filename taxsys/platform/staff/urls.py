"""Addresses of sign-in."""

from django.urls import path

from taxsys.platform.staff import own_views, views

urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("step-up", views.step_up, name="step-up"),
    path("password", own_views.password, name="password"),
    path("acknowledge", own_views.acknowledge, name="acknowledge"),
]
