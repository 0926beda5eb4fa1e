"""The library's adapters, unchanged."""

from django_scim.adapters import SCIMGroup as GroupAdapter
from django_scim.adapters import SCIMUser as UserAdapter

__all__ = ["GroupAdapter", "UserAdapter"]
