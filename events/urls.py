"""Addresses of the stream side."""

from django.urls import path

from events.views import (
    dead_letters,
    detections,
    entities,
    exports,
    filters,
    live,
    lookups,
    overview,
    records,
    sources,
)

urlpatterns = [
    path("", overview.sources, name="sources"),
    path("sources/new/", sources.source_new, name="source-new"),
    path("sources/<int:pk>/", sources.source, name="source"),
    path("sources/<int:pk>/scores.json", sources.source_scores, name="source-scores"),
    path("sources/<int:pk>/settings/", sources.source_settings, name="source-settings"),
    path("sources/<int:pk>/train/", sources.source_train, name="source-train"),
    path("live/", live.live, name="live"),
    path("entities/", entities.entities, name="entities"),
    path("entities/<int:pk>/", entities.entity, name="entity"),
    path("records/<int:pk>/", records.record, name="record"),
    path("detections/", detections.detections, name="detections"),
    path("detections/<int:pk>/", detections.detection, name="detection"),
    path("export.csv", exports.events_export, name="events-export"),
    path("detections.ocsf.jsonl", exports.detections_ocsf, name="detections-ocsf"),
    path("dead-letters/", dead_letters.dead_letters, name="dead-letters"),
    path("dead-letters/replay/", dead_letters.dead_letters_replay, name="dead-letters-replay"),
    path("dead-letters/discard/", dead_letters.dead_letters_discard, name="dead-letters-discard"),
    path("filters/", filters.filters, name="filters"),
    path("filters/new/", filters.filter_new, name="filter-new"),
    path("filters/<int:pk>/", filters.filter_page, name="filter"),
    path("filters/<int:pk>/change/", filters.filter_change, name="filter-change"),
    path("filters/<int:pk>/dry-run/", filters.filter_try, name="filter-dry-run"),
    path("filters/<int:pk>/enable/", filters.filter_enable, name="filter-enable"),
    path("filters/<int:pk>/disable/", filters.filter_disable, name="filter-disable"),
    path("filters/<int:pk>/move/", filters.filter_move, name="filter-move"),
    path("filters/<int:pk>/delete/", filters.filter_delete, name="filter-delete"),
    path("lookups/", lookups.lookups, name="lookups"),
    path("lookups/<int:pk>/toggle/", lookups.lookup_toggle, name="lookup-toggle"),
    path("lookups/<int:pk>/remove/", lookups.lookup_remove, name="lookup-remove"),
]
