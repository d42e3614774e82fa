"""Log-in with an OpenID Connect provider: authorization code with PKCE (Core 1.0, RFC 7636)."""
