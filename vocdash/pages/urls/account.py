"""Signing in and out, passwords, appearance and language, members, invitations."""

from django.urls import URLPattern, path

from vocdash.pages.views import account, invitation, members

urlpatterns: list[URLPattern] = [
    path("accounts/login/", account.SignIn.as_view(), name="login"),
    path("accounts/logout/", account.SignOut.as_view(), name="logout"),
    path("password-reset/", account.ForgottenPassword.as_view(), name="password_reset"),
    path("password-reset/sent/", account.LetterSent.as_view(), name="password_reset_done"),
    path(
        "password-reset/<str:uidb64>/<str:token>/",
        account.NewPassword.as_view(),
        name="password_reset_confirm",
    ),
    path("password-reset/done/", account.NewPasswordSet.as_view(), name="password_reset_complete"),
    path("settings/account/", account.account, name="settings-account"),
    path("settings/account/password/", account.ChangePassword.as_view(), name="password_change"),
    path(
        "settings/account/password/changed/", account.PasswordChanged.as_view(), name="password_change_done"
    ),
    path("settings/appearance/", account.appearance, name="settings-appearance"),
    path("settings/members/", members.members, name="settings-members"),
    path("settings/members/invite/", members.invite_member, name="member-invite"),
    path("settings/members/leave/", members.leave_seller, name="member-leave"),
    path("settings/members/<int:membership_id>/role/", members.give_role, name="member-role"),
    path("settings/members/<int:membership_id>/remove/", members.remove, name="member-remove"),
    path(
        "settings/members/invitations/<int:invitation_id>/send/", members.send_again, name="invitation-send"
    ),
    path(
        "settings/members/invitations/<int:invitation_id>/revoke/",
        members.revoke_invitation,
        name="invitation-revoke",
    ),
    path("invitations/<str:token>/", invitation.invitation, name="invitation"),
]
