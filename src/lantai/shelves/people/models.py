"""Accounts with their tokens, and the systems that send by themselves."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q


class AccountQuery(BaseUserManager["Account"]):
    """Looks accounts up by login."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        """Return the active account of that login."""
        return self.get(login=username, is_active=True)


class Account(AbstractBaseUser):
    """A person's account with exactly one role.

    The three administrators exclude one another twice: an account has one role, and one natural person (``person``)
    may hold at most one administrator's account, which the database itself enforces. ``list_columns`` are the columns that the list of
    the workbench shows them beside number and title, ``list_density`` is dense for lower rows; ``own_keys`` the single keys that they press
    in place of the usual ones, by the usual one.
    """

    ADMINISTRATORS: ClassVar[tuple[str, ...]] = ("sysadmin", "secadmin", "auditor")

    id = models.CharField(primary_key=True, max_length=26)
    login = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    department = models.CharField(max_length=32, blank=True)
    person = models.CharField(max_length=64)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=True)
    theme = models.CharField(max_length=8, default="auto")
    list_columns = models.CharField(max_length=64, blank=True, default="number date pages")
    list_density = models.CharField(max_length=8, blank=True)
    own_keys = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[AccountQuery] = AccountQuery()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person",), condition=Q(role__in=("sysadmin", "secadmin", "auditor")), name="one_administrator_a_person"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}（{self.login}）"


class Token(models.Model):
    """A short-lived token of the command line; only its digest is kept."""

    digest = models.CharField(primary_key=True, max_length=64)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tokens")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"token of {self.account_id}"


class Client(models.Model):
    """A system of the agency that sends by itself, with its token, of which only the digest is kept.

    One row is one token: a system that needs another gets another row. ``scopes`` are words of ``core.access.SCOPES``; ``department``
    binds it to one department, empty to none. It works once a second administrator has approved it, until it expires or is withdrawn.
    """

    id = models.CharField(primary_key=True, max_length=26)
    name = models.CharField(max_length=64)
    scopes = models.CharField(max_length=200)
    department = models.CharField(max_length=32, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    issued_by = models.CharField(max_length=26)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    approved_by = models.CharField(max_length=26, blank=True)
    approved_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=26, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class SavedView(models.Model):
    """A filter of the workbench that a person keeps under a name; ``query`` is what its address says, without ``?``."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=40)
    query = models.TextField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "name"), name="one_view_a_name"),)

    def __str__(self) -> str:
        return self.name
