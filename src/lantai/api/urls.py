"""The addresses of the interface, and the interface as a document (OpenAPI)."""

from typing import Any

from django.http import HttpRequest
from django.urls import path
from ninja import NinjaAPI

from lantai.api import endings
from lantai.api.calls import Bearer, Body, Plain
from lantai.api.routes import router

ROOT = "api/v1/"

interface = NinjaAPI(
    title="兰台：业务系统接口",
    version="1",
    description="办公系统送办结登记和归档材料，查归档到哪一步，取回执。每次调用在请求头写 Authorization: Bearer 令牌。",
    docs_url=None,
    openapi_url=None,
    auth=Bearer(),
    parser=Body(),
    renderer=Plain(),
    urls_namespace="lantai-api",
)
interface.add_router("", router)
for kind, answer in endings.ANSWERS:
    interface.add_exception_handler(kind, answer)


def description() -> dict[str, Any]:
    """Return the interface as an OpenAPI document, as docs/reference/openapi.json holds it."""
    return dict(interface.get_openapi_schema(path_prefix=f"/{ROOT}"))


@interface.get("openapi.json", include_in_schema=False)
def openapi(request: HttpRequest) -> dict[str, Any]:
    """Return this interface as an OpenAPI document."""
    return description()


urlpatterns = [path(ROOT, interface.urls)]
