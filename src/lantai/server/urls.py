"""The addresses of the server: those of the web edge, when it is there."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

handler400 = "lantai.web.views.outside.unreadable"
handler500 = "lantai.web.views.outside.failed"
handler404 = "lantai.web.views.session.not_found"
urlpatterns: list[URLPattern | URLResolver] = [path("", include("lantai.web.urls"))] if find_spec("lantai.web.urls") else []
