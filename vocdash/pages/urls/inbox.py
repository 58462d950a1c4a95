"""Notifications, their settings, and the way out of summaries by e-mail."""

from django.urls import URLPattern, path

from vocdash.pages.views import inbox, mail_settings

urlpatterns: list[URLPattern] = [
    path("notifications/", inbox.notifications, name="notifications"),
    path("notifications/read-all/", inbox.read_all, name="notification-read-all"),
    path("notifications/<int:notice_id>/", inbox.notification, name="notification"),
    path("notifications/<int:notice_id>/mark/", inbox.mark, name="notification-mark"),
    path("settings/notifications/", mail_settings.settings_page, name="settings-notifications"),
    path("unsubscribe/<str:token>/", mail_settings.unsubscribe_page, name="unsubscribe"),
]
