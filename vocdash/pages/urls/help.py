"""Help pages, readable signed out."""

from django.urls import URLPattern, path

from vocdash.pages.views import help as views

_PAGES = (
    ("help/voice-of-the-customer/", "help-voice-of-the-customer"),
    ("help/cx-health/", "help-cx-health"),
    ("help/ncx-notifications/", "help-ncx-notifications"),
    ("help/resolve/", "help-resolve"),
    ("help/accessibility/", "help-accessibility"),
    ("help/shortcuts/", "help-shortcuts"),
    ("support/", "support"),
    ("start-selling/", "start-selling"),
)
urlpatterns: list[URLPattern] = [
    path("help/", views.centre, name="help"),
    *(path(route, views.page, {"name": name}, name=name) for route, name in _PAGES),
]
