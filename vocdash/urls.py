"""Every address of the site. Views are behind sign-in unless they are exempted where they are defined."""

from django.contrib import admin
from django.urls import include, path

from vocdash.monitoring import healthz, readyz
from vocdash.pages.views import dashboard, offer, switch

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("", dashboard.home, name="home"),
    path("switch/", switch.switch, name="switch"),
    path("voc/", dashboard.dashboard, name="dashboard"),
    path("voc/export.csv", dashboard.export, name="dashboard-csv"),
    path("voc/offers/<int:offer_id>/", offer.offer, name="offer"),
    path("voc/offers/<int:offer_id>/feedback/", offer.feedback, name="offer-feedback"),
    path("voc/offers/<int:offer_id>/feedback.csv", offer.feedback_file, name="offer-feedback-csv"),
    path("voc/offers/<int:offer_id>/history.csv", offer.history_file, name="offer-history-csv"),
    path("voc/views/", dashboard.save, name="view-save"),
    path("voc/views/<int:view_id>/delete/", dashboard.delete, name="view-delete"),
    path("", include("vocdash.pages.urls.resolve")),
    path("", include("vocdash.pages.urls.inventory")),
    path("", include("vocdash.pages.urls.inbox")),
    path("", include("vocdash.pages.urls.insights")),
    path("", include("vocdash.pages.urls.account")),
    path("", include("vocdash.pages.urls.help")),
]
