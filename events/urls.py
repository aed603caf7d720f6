"""Addresses of the stream side."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
