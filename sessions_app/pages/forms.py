"""The forms of the account and invitation pages."""

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm, PasswordChangeForm
from django.core.exceptions import ValidationError

from sessions_app.core.names import canonical
from sessions_app.core.tenant import Context
from sessions_app.models import AccessToken, Env, Invitation, Membership, default_env, tenant_slug
from sessions_app.services import accounts

_BETWEEN = " · "
#: How long a token works, in days; 0: until it is revoked.
LIFETIMES = ((90, "90 days"), (30, "30 days"), (365, "1 year"), (0, "Until revoked"))


class TenantField(forms.ModelChoiceField):
    """A choice among memberships, by tenant and environment."""

    def label_from_instance(self, obj: Membership) -> str:
        return _named(obj.tenant_id, obj.env)


def _named(tenant_id: str, env: str) -> str:
    return f"{tenant_id}{_BETWEEN}{env}"


class PasswordForm(PasswordChangeForm):
    """A new password. It does not take the focus: the page has more than this form."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "Current password"
        self.fields["new_password2"].label = "New password again"
        self.fields["new_password2"].help_text = ""
        del self.fields["old_password"].widget.attrs["autofocus"]


class TokenForm(forms.Form):
    """A new access token: what uses it, where, and for how long."""

    name = forms.CharField(max_length=AccessToken._meta.get_field("name").max_length)
    membership = TenantField(Membership.objects.none(), label="Tenant", empty_label=None)
    days = forms.TypedChoiceField(choices=LIFETIMES, coerce=int, label="Works for")

    def __init__(self, data=None, *, user) -> None:
        super().__init__(data)
        places = Membership.objects.filter(user=user).order_by("tenant_id", "env")
        field = self.fields["membership"]
        assert isinstance(field, TenantField)
        field.queryset = places


class InvitationForm(forms.Form):
    """An invitation to one of the inviter's tenants: the current one, unless another is chosen."""

    tenant = forms.ChoiceField(required=False)
    role = forms.ChoiceField(choices=Invitation.Role.choices)
    note = forms.CharField(max_length=200, required=False, label="For whom")

    def __init__(self, data=None, *, context: Context) -> None:
        current = _named(context.tenant_id, context.env)
        super().__init__(data, initial={"tenant": current})
        places = [_named(*place) for place in accounts.may_invite_to(context.user)]
        shown = {current: current} | dict(zip(places, places, strict=True))
        field, role = self.fields["tenant"], self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        assert isinstance(role, forms.ChoiceField)
        field.choices = list(shown.items())
        if not context.user.is_superuser:
            # Asked for all the same, the refusal says who may.
            role.widget.choices = [one for one in Invitation.Role.choices if one[0] != Invitation.Role.STAFF]

    def clean_tenant(self) -> Context | None:
        """The tenant that was chosen; None for the current one."""
        tenant_id, _, env = self.cleaned_data["tenant"].partition(_BETWEEN)
        return Context(tenant_id, env) if env else None


class TenantForm(forms.Form):
    """A tenant that an administrator joins; one that nobody is in yet begins with it."""

    tenant_id = forms.CharField(
        max_length=64,
        label="Name",
        help_text="It begins with t_ and has lowercase letters, digits, hyphens and underscores: t_studio.",
        validators=[tenant_slug],
    )
    env = forms.ChoiceField(choices=Env.choices, label="Environment", initial=default_env)


class JoinForm(BaseUserCreationForm):
    """A new account, by invitation."""

    def clean_username(self) -> str:
        """A name that differs from another only in case would be taken for it."""
        name = self.cleaned_data["username"]
        taken = self._meta.model.objects.filter(username__iexact=name).exists()
        if taken or not canonical(name):
            raise ValidationError("A user with that name already exists. Choose another, or sign in first.")
        return name
