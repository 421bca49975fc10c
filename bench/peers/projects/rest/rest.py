"""Three ways of Django to know who sends a request, each as its own documentation has it."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from django.http import HttpResponse  # noqa: E402 - Django has to be set up first
from django.urls import path  # noqa: E402 - as above
from knox.auth import TokenAuthentication as KnoxAuthentication  # noqa: E402 - as above
from rest_framework.authentication import TokenAuthentication  # noqa: E402 - as above
from rest_framework.permissions import IsAuthenticated  # noqa: E402 - as above
from rest_framework.response import Response  # noqa: E402 - as above
from rest_framework.views import APIView  # noqa: E402 - as above
from rest_framework_api_key.permissions import HasAPIKey  # noqa: E402 - as above


class Answer(APIView):
    """Says which item was asked for, and by whom."""

    permission_classes = (IsAuthenticated,)

    def get(self, request, item):
        """Answer to GET."""
        return Response({"item": item, "user": request.user.pk})


class Knox(Answer):
    """A token of django-rest-knox."""

    authentication_classes = (KnoxAuthentication,)


class Plain(Answer):
    """A token of Django REST framework itself."""

    authentication_classes = (TokenAuthentication,)


class Key(Answer):
    """A key of djangorestframework-api-key."""

    authentication_classes = ()
    permission_classes = (HasAPIKey,)


urlpatterns = [
    path("ready", lambda _request: HttpResponse()),
    path("knox/<int:item>", Knox.as_view()),
    path("token/<int:item>", Plain.as_view()),
    path("key/<int:item>", Key.as_view()),
]
