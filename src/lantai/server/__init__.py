"""Django settings, addresses and the WSGI application."""
