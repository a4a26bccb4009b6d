"""Every address of this app: its pages under `sessions/` and `account/`, its API under `v2/sessions`."""

from django.urls import path

from sessions_app import api
from sessions_app.pages import account, invitations, session_list

page_urls = (
    [
        path("", session_list.session_list, name="list"),
        path("tenant/", session_list.choose_tenant, name="tenant"),
    ],
    "sessions",
)

account_urls = (
    [
        path("account/", account.show_account, name="account"),
        path("account/password/", account.change_password, name="password"),
        path("account/tokens/", account.create_token, name="tokens"),
        path("account/tokens/<int:token_id>/revoke/", account.revoke_token, name="token-revoke"),
        path("account/sign-ins/end/", account.sign_out_elsewhere, name="sign-ins-end"),
        path("account/tenants/", account.join_tenant, name="tenants"),
        path("account/invitations/", account.create_invitation, name="invitations"),
        path("account/invitations/<int:invitation_id>/withdraw/", account.withdraw_invitation, name="withdraw"),
        path("invitation/<str:key>/", invitations.join, name="join"),
    ],
    "account",
)

api_urls = [path("", api.Sessions.as_view(), name="sessions")]
