"""What tests of the apps may ask for."""

import pytest


@pytest.fixture
def operator(db, django_user_model):
    """Somebody who may work in the local tenant."""
    from sessions_app.models import Membership

    user = django_user_model.objects.create_user("operator", password="x")
    Membership.objects.create(user=user, tenant_id="t_local", env="dev")
    return user


@pytest.fixture
def browser(client, operator):
    """Their browser, without a screen."""
    client.force_login(operator)
    return client
