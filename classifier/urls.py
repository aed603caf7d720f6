"""Addresses of the model side."""

from django.urls import path

from classifier.views import compare, drift, forcing, impact, in_charge, models, runs, training, versions

urlpatterns = [
    path("", models.models, name="models"),
    path("train/", training.train, name="train"),
    path("lines/<str:line>/", models.model_line, name="model-line"),
    path("lines/detect/train/", training.train_detection, name="train-detection"),
    path("roll-back/", versions.model_roll_back, name="model-roll-back"),
    path("drift/", drift.drift, name="model-drift"),
    path("drift/looks/<int:pk>/", drift.drift_look, name="model-drift-look"),
    path("drift/alarms/<int:pk>/acknowledge/", drift.drift_acknowledge, name="model-drift-acknowledge"),
    path("<int:pk>/", versions.model_version, name="model-version"),
    path("<int:pk>/promote/", versions.model_promote, name="model-promote"),
    path("history/", in_charge.model_history, name="model-history"),
    path("at/", in_charge.model_at, name="model-at"),
    path("replay/<int:pk>/", in_charge.replay_ask, name="replay-ask"),
    path("<int:pk>/impact/", impact.model_impact, name="model-impact"),
    path("<int:pk>/impact/ask/", impact.model_impact_ask, name="model-impact-ask"),
    path("<int:pk>/impact/state/", impact.model_impact_state, name="model-impact-state"),
    path("<int:pk>/force/", forcing.model_force, name="model-force"),
    path("force/<int:pk>/agree/", forcing.force_agree, name="force-agree"),
    path("force/<int:pk>/decline/", forcing.force_decline, name="force-decline"),
    path("<int:pk>/compare/", compare.model_compare, name="model-compare"),
    path("<int:pk>/compare/<int:other>/", compare.model_compare_with, name="model-compare-with"),
    path("<int:pk>/compare/<int:other>/measure/", compare.model_compare_measure, name="model-compare-measure"),
    path("<int:pk>/compare/<int:other>/state/", compare.model_compare_state, name="model-compare-state"),
    path("<int:pk>/reports/", compare.model_reports, name="model-reports"),
    path("<int:pk>/shadow/", versions.model_shadow, name="model-shadow"),
    path("<int:pk>/shadow/end/", versions.model_shadow_end, name="model-shadow-end"),
    path("runs/<int:pk>/", runs.training_run, name="training-run"),
    path("runs/<int:pk>/progress/", runs.training_progress, name="training-progress"),
    path("runs/<int:pk>/cancel/", runs.training_cancel, name="training-cancel"),
    path("runs/<int:pk>/curve/", runs.training_curve, name="training-curve"),
    path("runs/<int:pk>/curve.csv", runs.training_curve_csv, name="training-curve-csv"),
    path("runs/<int:pk>/resume/", runs.training_resume, name="training-resume"),
    path("runs/<int:pk>/again/", runs.training_again, name="training-again"),
]
