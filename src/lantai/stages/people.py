"""People: accounts, sign-in, passwords and tokens. The web edge and the command line go through the same verbs.

GB/T 22239-2019 A1–A3 and M1–M3: unique accounts, passwords of three kinds of characters, five wrong ones lock; the system
administrator makes an account, the security administrator approves it. Wrong passwords are counted in the ledger itself, so the
count holds over edges, machines and restarts and nobody can reset it unseen. A password that the system administrator set for somebody
works only once the security administrator has approved it too: alone, the one who makes accounts could enter as anybody.
"""

import hashlib
import ipaddress
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction

from lantai.core.access import ADMINISTRATORS, NOBODY, ROLE_NAMES, Actor, Role, may, require, rows
from lantai.core.errors import Refusal
from lantai.ports.house import House
from lantai.shelves.databases import lock
from lantai.shelves.holdings.models import AgentName
from lantai.shelves.ledger.entries import Entry, append
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account, Token
from lantai.shelves.people.queries import same_person

SERVICE = "service"
TOKEN_HOURS = 12
PASSWORD_LENGTH = 8
PASSWORD_CLASSES = 3
#: So many times the attempts that lock a login are wrong from one address before nobody signs in from there for a while.
ADDRESS_ATTEMPTS = 10
_LONGEST = 64
_HASHER = "argon2"
_APPROVALS = ("people:account:approve", "people:account:vouch")
_OPENED, _REFUSED, _LOCKED, _CHANGED = "session:opened", "session:refused", "session:locked", "account:changed"
_APPROVED, _DISABLED = "account:approved", "account:disabled"


def actor_of(account: Account) -> Actor:
    """Return the account as the actor that rules and verbs know."""
    return Actor(account.id, account.login, account.name, account.role, account.department)


def actor_of_account(account_id: str) -> Actor:
    """Return the account of an id as an actor, for work that it asked for. Raises Refusal PEOPLE-UNKNOWN where it is gone or disabled."""
    account = Account.objects.filter(id=account_id, is_active=True).first()
    if account is None:
        raise Refusal("PEOPLE-UNKNOWN", account_id)
    return actor_of(account)


def create_account(  # noqa: PLR0913 - an account has these parts
    house: House, actor: Actor | None, *, login: str, name: str, role: str, person: str, password: str, department: str = ""
) -> Actor:
    """Make an account and return it as an actor.

    By the system administrator it stays inactive until the security administrator approves it; with *actor* None (``init`` and the
    demo, as the service) it is active at once. *person* identifies the natural person. The password is to be changed at the first
    sign-in. Refusals: ACCESS-REFUSED, PEOPLE-INCOMPLETE, PEOPLE-ROLE-UNKNOWN, PEOPLE-PASSWORD-WEAK, PEOPLE-LOGIN-TAKEN,
    PEOPLE-ADMIN-EXCLUSIVE.
    """
    if actor is not None:
        require(actor, "people:account:create", where=login)
        _demand_department(department)
    _check_parts({"用户名": login, "姓名": name, "自然人标识": person}, role)
    _check_password(password, login)
    account = Account(
        id=house.ids.new(),
        login=login.strip(),
        name=name.strip(),
        role=role,
        department=department,
        person=person.strip(),
        password=make_password(password, hasher=_HASHER),
        is_active=actor is None,
        created_at=house.clock.now(),
    )
    with _written(account):
        _demand_exclusive(account)
        account.save(force_insert=True)
        _tell(house, "account:created", actor.id if actor else SERVICE, account.id, login=account.login, role=role, department=department)
    return actor_of(account)


def sign_in(house: House, login: str, password: str, address: str = "") -> Actor:
    """Return who signs in. Every success and every wrong password is an event; attempts during a lock change nothing.

    After ``settings.login_attempts`` wrong passwords in a row the login, existing or not, is locked for
    ``settings.login_lock_minutes``; after ten times as many from one *address*, nobody signs in from there as long. Refusals:
    PEOPLE-SIGN-IN-FAILED (the same for an unknown login), PEOPLE-LOCKED, PEOPLE-ADDRESS-LOCKED, PEOPLE-NOT-ACTIVE.
    The caller asks :func:`must_change_password` next.
    """
    account = _verified(house, login, password, address)
    with transaction.atomic():
        _tell(house, _OPENED, account.id, account.id, address=address)
    return actor_of(account)


def sign_out(house: House, actor: Actor) -> None:
    """Record the end of a session and take back the tokens of the account."""
    with transaction.atomic():
        Token.objects.filter(account_id=actor.id).delete()
        _tell(house, "session:closed", actor.id, actor.id)


def must_change_password(actor: Actor) -> bool:
    """Tell whether the account has to choose a password of its own before anything else."""
    return Account.objects.filter(id=actor.id, must_change_password=True).exists()


def change_password(house: House, actor: Actor, old: str, new: str) -> None:
    """Set the actor's own password and take back all tokens.

    At least eight characters, three of the four kinds, without the login, other than the old one. A wrong *old* counts like a wrong
    sign-in. Refusals: PEOPLE-SIGN-IN-FAILED, PEOPLE-LOCKED, PEOPLE-PASSWORD-WEAK.
    """
    account = _account(actor.id)
    _verified(house, account.login, old, "")
    _check_password(new, account.login, old=old)
    _set_password(house, actor, account, new, must_change=False)


def reset_password(house: House, actor: Actor, account_id: str, new: str) -> None:
    """Give another account a first password, to be changed at its next sign-in; ends a lock.

    The account waits for approval like a new one. Refusal PEOPLE-NO-APPROVER where nobody would be left to approve it.
    """
    account = _other(actor, "people:account:reset", account_id, "重设口令")
    _check_password(new, account.login)
    account.is_active = False
    if not any(_is_approver(other, account) for other in Account.objects.filter(is_active=True).exclude(id=account.id)):
        raise Refusal("PEOPLE-NO-APPROVER", account.login)
    _set_password(house, actor, account, new, must_change=True)


def approve(house: House, actor: Actor, account_id: str) -> Actor:
    """Let a new account, or a password that was set for it, work: the second of the two administrators it needs.

    Where no security administrator is left to approve another, the auditor may. Refusal PEOPLE-NOT-PENDING for any other account.
    """
    account = _other(actor, next((action for action in _APPROVALS if rows(actor, action)), _APPROVALS[0]), account_id, "批准")
    if account.is_active or Event.objects.filter(object_id=account.id, type=_DISABLED).exists():
        raise Refusal("PEOPLE-NOT-PENDING", account.login)
    account.is_active = True
    _change(house, actor, account, event=_APPROVED, role=account.role)
    return actor_of(account)


def assign(house: House, actor: Actor, account_id: str, *, role: str, department: str) -> Actor:
    """Change role and department of an account; its tokens end. Refusals as in :func:`create_account` and :func:`disable`."""
    account = _other(actor, "people:account:assign", account_id, "调整权限")
    _check_parts({}, role)
    if department != account.department:
        _demand_department(department)
    before = {"role": account.role, "department": account.department}
    _demand_another(account, role)
    account.role, account.department = role, department
    _demand_exclusive(account)
    _change(house, actor, account, before=before, role=role, department=department)
    return actor_of(account)


def disable(house: House, actor: Actor, account_id: str) -> None:
    """Close an account for good; its tokens end at once. The row stays, because the ledger names it.

    Refusal PEOPLE-LAST-ADMINISTRATOR for the only one of its kind who can work.
    """
    account = _other(actor, "people:account:disable", account_id, "停用")
    _demand_another(account, "")
    account.is_active = False
    _change(house, actor, account, event=_DISABLED)


def issue_token(house: House, actor: Actor) -> str:
    """Return a fresh token of the command line, good for twelve hours; only its digest is kept."""
    token, now = secrets.token_urlsafe(32), house.clock.now()
    with transaction.atomic():
        Token.objects.filter(expires_at__lte=now).delete()
        Token.objects.create(digest=_digest(token), account_id=actor.id, created_at=now, expires_at=now + timedelta(hours=TOKEN_HOURS))
        _tell(house, "token:issued", actor.id, actor.id)
    return token


def actor_of_token(house: House, token: str) -> Actor:
    """Return whose token this is. Refusal PEOPLE-TOKEN-INVALID where it is unknown, expired, taken back or its account closed."""
    row = Token.objects.select_related("account").filter(digest=_digest(token), expires_at__gt=house.clock.now()).first()
    if row is None or not row.account.is_active:
        raise Refusal("PEOPLE-TOKEN-INVALID")
    return actor_of(row.account)


def _check_parts(parts: dict[str, str], role: str) -> None:
    if missing := [name for name, value in parts.items() if not value.strip() or not value.isprintable() or len(value.strip()) > _LONGEST]:
        raise Refusal("PEOPLE-INCOMPLETE", "、".join(missing))
    if role not in ROLE_NAMES:
        row_names = "、".join(f"{key}（{name}）" for key, name in ROLE_NAMES.items())
        raise Refusal("PEOPLE-ROLE-UNKNOWN", role, roles=row_names)


def _demand_department(code: str) -> None:
    """Refuse a department that there is not: whoever is put there sees nothing, and nobody is told why."""
    if code and not AgentName.objects.filter(agent__code=code, valid_to="").exists():
        raise Refusal("DEPARTMENT-UNKNOWN", code[:_LONGEST])


def _check_password(password: str, login: str, *, old: str | None = None) -> None:
    kinds = (str.isupper, str.islower, str.isdecimal, lambda character: not character.isalnum())
    wrong = {
        "含不可见字符": not password.isprintable(),
        f"不足 {PASSWORD_LENGTH} 位": len(password) < PASSWORD_LENGTH,
        "字符种类不足三类": sum(any(map(kind, password)) for kind in kinds) < PASSWORD_CLASSES,
        "含用户名": login.strip().lower() in password.lower(),
        "与现口令相同": password == old,
    }
    if any(wrong.values()):
        raise Refusal("PEOPLE-PASSWORD-WEAK", "、".join(text for text, is_wrong in wrong.items() if is_wrong))


def _verified(house: House, login: str, password: str, address: str) -> Account:
    """Return the active account that this login and password open."""
    account = Account.objects.filter(login=login.strip()).first() if login.isprintable() else None
    key = account.id if account else _unknown(login)
    _check_address(house, address)
    _check_lock(house, key)
    if (
        not check_password(password.encode("utf-8", "backslashreplace").decode(), account.password if account else _unmatched())
        or account is None
    ):
        _refuse(house, key, address)
        raise Refusal("PEOPLE-SIGN-IN-FAILED", attempts=house.settings.login_attempts, minutes=house.settings.login_lock_minutes)
    _check_lock(house, key)  # others may have guessed while this password was hashed
    if not account.is_active:
        raise Refusal("PEOPLE-NOT-ACTIVE", account.login)
    return account


def _check_lock(house: House, key: str) -> None:
    marker = _marker(key)
    if marker is None or marker.type != _LOCKED:
        return
    left = marker.instant + timedelta(minutes=house.settings.login_lock_minutes) - house.clock.now()
    if left > timedelta(0):
        raise Refusal("PEOPLE-LOCKED", minutes=-(-left // timedelta(minutes=1)))


def _refuse(house: House, key: str, address: str) -> None:
    """Write down a wrong password, and the lock with the one that is too many; one counts at a time."""
    with transaction.atomic():
        lock(f"sign-in:{key}")
        _check_lock(house, key)
        _tell(house, _REFUSED, SERVICE, key, address=address)
        marker = _marker(key)
        refused = Event.objects.filter(object_id=key, type=_REFUSED, id__gt=marker.id if marker else "")
        if refused.count() >= house.settings.login_attempts:
            _tell(house, _LOCKED, SERVICE, key, address=address)


def _check_address(house: House, address: str) -> None:
    """Refuse an address from which too many passwords were wrong lately, whatever the logins; this machine itself is never one."""
    try:
        is_known = not ipaddress.ip_address(address).is_loopback
    except ValueError:
        is_known = False
    span = timedelta(minutes=house.settings.login_lock_minutes)
    told = json.dumps({"address": address}, separators=(",", ":"))[1:-1]
    lately = Event.objects.filter(type=_REFUSED, instant__gt=house.clock.now() - span, payload__body__contains=told)
    if is_known and lately.count() >= ADDRESS_ATTEMPTS * house.settings.login_attempts:
        raise Refusal("PEOPLE-ADDRESS-LOCKED", minutes=house.settings.login_lock_minutes)


def _marker(key: str) -> Event | None:
    """Return the newest event from which wrong passwords are counted anew."""
    return Event.objects.filter(object_id=key, type__in=(_OPENED, _LOCKED, _CHANGED)).order_by("-id").first()


def _unknown(login: str) -> str:
    """Return what stands for a login that does not exist: it is locked alike and not written down, it may be a mistyped password."""
    return "unknown:" + hashlib.sha256(login.strip().encode("utf-8", "replace")).hexdigest()[:32]


@cache
def _unmatched() -> str:
    """Return a hash that no password matches, so that an unknown login takes as long as a known one."""
    return make_password(secrets.token_hex(), hasher=_HASHER)


def _account(account_id: str) -> Account:
    account = Account.objects.filter(id=account_id).first()
    if account is None:
        raise Refusal("PEOPLE-UNKNOWN", account_id)
    return account


def _other(actor: Actor, action: str, account_id: str, act: str) -> Account:
    """Return the account to be acted on; nobody acts on their own."""
    account = Account.objects.filter(id=account_id).first()
    require(actor, action, approval_facts(account) if account else {}, where=account_id)
    if account is None:
        raise Refusal("PEOPLE-UNKNOWN", account_id)
    if account.id == actor.id or same_person(account.person) == same_person(_account(actor.id).person):
        raise Refusal("PEOPLE-SELF", account.login, action=act)
    return account


def approval_facts(account: Account) -> dict[str, str]:
    """Return the facets by which it is decided who approves an account: its role, and whether there is any security administrator."""
    others = Account.objects.filter(role=Role.SECADMIN, is_active=True).exclude(id=account.id)
    return {"role": account.role, "approver": Role.SECADMIN if others.exists() else NOBODY}


def may_approve(actor: Actor, account: Account) -> bool:
    """Tell whether *actor* is of a role that may approve *account* as things stand."""
    return any(may(actor, action, approval_facts(account)).allowed for action in _APPROVALS)


def _is_approver(other: Account, account: Account) -> bool:
    return same_person(other.person) != same_person(account.person) and may_approve(actor_of(other), account)


def _demand_another(account: Account, role: str) -> None:
    """Refuse to take away the only account that can work as its kind of administrator: the other kinds could do nothing without it."""
    if account.role in ADMINISTRATORS and role != account.role and account.is_active:
        others = Account.objects.filter(role=account.role, is_active=True).exclude(id=account.id)
        if not others.exists():
            raise Refusal("PEOPLE-LAST-ADMINISTRATOR", account.login, role=ROLE_NAMES[account.role])


def _demand_exclusive(account: Account) -> None:
    """Refuse a second administrator's account of one person, however the person's identifier was typed."""
    if account.role not in ADMINISTRATORS:
        return
    others = Account.objects.filter(role__in=ADMINISTRATORS).exclude(id=account.id)
    if same_person(account.person) in {same_person(person) for person in others.values_list("person", flat=True)}:
        raise Refusal("PEOPLE-ADMIN-EXCLUSIVE", account.person)


def _set_password(house: House, actor: Actor, account: Account, new: str, *, must_change: bool) -> None:
    account.password, account.must_change_password = make_password(new, hasher=_HASHER), must_change
    _change(house, actor, account, password=True)


def _change(house: House, actor: Actor, account: Account, *, event: str = _CHANGED, **body: object) -> None:
    """Write the changed account if nobody else changed it meanwhile, take back its tokens, tell the ledger."""
    with _written(account):
        changed = Account.objects.filter(id=account.id, version=account.version).update(
            role=account.role,
            department=account.department,
            is_active=account.is_active,
            password=account.password,
            must_change_password=account.must_change_password,
            version=account.version + 1,
        )
        if not changed:
            raise Refusal("PEOPLE-CHANGED", account.login)
        Token.objects.filter(account_id=account.id).delete()
        _tell(house, event, actor.id, account.id, **body)


@contextmanager
def _written(account: Account) -> Iterator[None]:
    """Run the block in one transaction; say in words which of the database's two rules it broke."""
    login, person = account.login, account.person
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if Account.objects.filter(login=login).exclude(id=account.id).exists():
            raise Refusal("PEOPLE-LOGIN-TAKEN", login) from error
        if account.role in ADMINISTRATORS:
            raise Refusal("PEOPLE-ADMIN-EXCLUSIVE", person) from error
        raise


def _tell(house: House, event: str, actor_id: str, object_id: str, **body: object) -> None:
    append(house.clock.now(), [Entry(event, actor_id, object_id, dict(body))], ids=house.ids)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
