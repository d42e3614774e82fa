"""All endpoints of accounts and of the audit log."""

from opsconductor.api.handlers.accounts.all_sessions import SESSION_ENDPOINTS
from opsconductor.api.handlers.accounts.audit import AUDIT_ENDPOINTS
from opsconductor.api.handlers.accounts.keys import KEY_ENDPOINTS
from opsconductor.api.handlers.accounts.me import ME_ENDPOINTS
from opsconductor.api.handlers.accounts.passkeys import PASSKEY_ENDPOINTS
from opsconductor.api.handlers.accounts.roles import ROLE_ENDPOINTS
from opsconductor.api.handlers.accounts.second_factor import FACTOR_ENDPOINTS
from opsconductor.api.handlers.accounts.users import USER_ENDPOINTS
from opsconductor.api.http.endpoint import Endpoint

ACCOUNT_ENDPOINTS: tuple[Endpoint, ...] = (
    *ME_ENDPOINTS,
    *USER_ENDPOINTS,
    *ROLE_ENDPOINTS,
    *FACTOR_ENDPOINTS,
    *PASSKEY_ENDPOINTS,
    *KEY_ENDPOINTS,
    *SESSION_ENDPOINTS,
    *AUDIT_ENDPOINTS,
)
