"""Addresses of the API's version 1 that belong to models."""

from django.urls import path

from classifier.api import comparison, drift, explanations, gate, history, impact, learning, policy, views

urlpatterns = [
    path("incidents/<int:pk>/explanation/", explanations.IncidentExplanation.as_view(), name="api-explanation"),
    path("incidents/<int:pk>/similar/", explanations.IncidentSimilar.as_view(), name="api-similar"),
    path("models/", views.ModelList.as_view(), name="api-models"),
    path("models/<int:pk>/", views.ModelDetail.as_view(), name="api-model"),
    path("models/<int:pk>/promote/", views.Promote.as_view(), name="api-promote"),
    path("models/<int:pk>/gate/", gate.ModelGate.as_view(), name="api-gate"),
    path("models/<int:pk>/impact/", impact.ModelImpact.as_view(), name="api-impact"),
    path("models/<int:pk>/shadow/", history.ModelShadow.as_view(), name="api-shadow"),
    path("models/history/", history.ModelHistory.as_view(), name="api-model-history"),
    path("models/<int:pk>/force/", gate.ModelForce.as_view(), name="api-force"),
    path("force-requests/<int:pk>/agree/", gate.ForceAgree.as_view(), name="api-force-agree"),
    path("force-requests/<int:pk>/decline/", gate.ForceDecline.as_view(), name="api-force-decline"),
    path("models/<int:pk>/compare/", comparison.Comparison.as_view(), name="api-compare"),
    path("models/rollback/", views.Rollback.as_view(), name="api-rollback"),
    path("drift/", drift.Drift.as_view(), name="api-drift"),
    path("drift/alarms/<int:pk>/acknowledge/", drift.AcknowledgeDrift.as_view(), name="api-acknowledge-drift"),
    path("learning-curve/", learning.LearningCurve.as_view(), name="api-learning-curve"),
    path("policy/", policy.Policy.as_view(), name="api-policy"),
    path("policy/preview/", policy.PolicyPreview.as_view(), name="api-policy-preview"),
    path("policy/alarms/<int:pk>/acknowledge/", policy.AcknowledgePromise.as_view(), name="api-acknowledge-promise"),
    path("trainings/", views.TrainingList.as_view(), name="api-trainings"),
    path("trainings/<int:pk>/", views.TrainingDetail.as_view(), name="api-training"),
    path("trainings/<int:pk>/cancel/", views.CancelTraining.as_view(), name="api-cancel-training"),
    path("trainings/<int:pk>/resume/", views.ResumeTraining.as_view(), name="api-resume-training"),
]
