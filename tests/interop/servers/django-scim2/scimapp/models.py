"""The models the library asks for: its mixins, `scim_groups` on the user, `name` and `user_set` on the group."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class Group(AbstractSCIMGroupMixin):
    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=254, unique=True)


class User(AbstractSCIMUserMixin, AbstractUser):
    id = models.BigAutoField(primary_key=True)
    scim_groups = models.ManyToManyField(Group, related_name="user_set")
