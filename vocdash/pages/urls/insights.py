"""Insights."""

from django.urls import URLPattern, path

from vocdash.pages.views import insights

urlpatterns: list[URLPattern] = [
    path("insights/", insights.insights, name="insights"),
    path("insights/reasons.csv", insights.reasons_file, name="insights-reasons-csv"),
    path("insights/worklist.csv", insights.worklist_file, name="insights-worklist-csv"),
]
