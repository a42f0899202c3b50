"""Who may ask what: a row for every address of the panel. ``test_permissions.py`` fails for an address without a row.

(method, address, who): "all"; a role, with which those above it may; "token:SCOPE" for addresses of the HTTP API, which know no
session; "signed" for what is signed with a secret of its own. Add rows at the end.
"""

from __future__ import annotations

ROWS: list[tuple[str, str, str]] = [
    ("GET", "/static/{name}", "all"),
    ("GET", "/login", "all"),
    ("POST", "/login", "all"),
    ("POST", "/logout", "reader"),
    ("GET", "/invitation/{secret}", "all"),
    ("POST", "/invitation/{secret}", "all"),
    ("POST", "/preferences", "all"),
    # asked from this machine they tell numbers too; test_frame.py has the rest
    ("GET", "/health", "all"),
    ("GET", "/metrics", "all"),
    ("GET", "/", "reader"),
    ("GET", "/events/start", "reader"),
    ("GET", "/orders", "reader"),
    ("POST", "/orders/many", "operator"),
    ("POST", "/orders/many/retry", "operator"),
    ("GET", "/orders/{case_id}", "reader"),
    ("POST", "/orders/{case_id}/retry", "operator"),
    ("POST", "/orders/{case_id}/skip", "operator"),
    ("POST", "/orders/{case_id}/resolve", "operator"),
    ("POST", "/orders/{case_id}/cancel", "operator"),
    ("GET", "/orders/{case_id}/edit", "operator"),
    ("POST", "/orders/{case_id}/edit", "operator"),
    ("GET", "/account", "reader"),
    ("POST", "/account/password", "reader"),
    ("GET", "/users", "administrator"),
    ("POST", "/users/add", "administrator"),
    ("POST", "/users/{user_id}/role", "administrator"),
    ("POST", "/users/{user_id}/off", "administrator"),
    ("POST", "/users/{user_id}/on", "administrator"),
    ("POST", "/users/{user_id}/link", "administrator"),
    ("GET", "/audit", "administrator"),
    ("GET", "/audit.csv", "administrator"),
    ("GET", "/tokens", "administrator"),
    ("POST", "/tokens/add", "administrator"),
    ("POST", "/tokens/{token_id}/revoke", "administrator"),
]
