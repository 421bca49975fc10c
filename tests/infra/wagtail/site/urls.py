"""What the site serves: its API, its admin, and its pages."""

from django.urls import include, path
from pages_api import Pages
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.api.v2.router import WagtailAPIRouter

router = WagtailAPIRouter("wagtailapi")
router.register_endpoint("pages", Pages)

urlpatterns = [
    path("api/v2/", router.urls),
    path("admin/", include(wagtailadmin_urls)),
    path("", include(wagtail_urls)),
]
