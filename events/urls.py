"""Addresses of the stream side."""

from django.urls import path

from events.views import filters

urlpatterns = [
    path("filters/", filters.filters, name="filters"),
    path("filters/new/", filters.filter_new, name="filter-new"),
    path("filters/<int:pk>/", filters.filter_page, name="filter"),
    path("filters/<int:pk>/change/", filters.filter_change, name="filter-change"),
    path("filters/<int:pk>/dry-run/", filters.filter_try, name="filter-dry-run"),
    path("filters/<int:pk>/enable/", filters.filter_enable, name="filter-enable"),
    path("filters/<int:pk>/disable/", filters.filter_disable, name="filter-disable"),
    path("filters/<int:pk>/move/", filters.filter_move, name="filter-move"),
    path("filters/<int:pk>/delete/", filters.filter_delete, name="filter-delete"),
]
