# Django: at the end of settings.py.
MIDDLEWARE = ["counterfoil.middleware.django.CounterfoilMiddleware", *MIDDLEWARE]
COUNTERFOIL = {"api": "api_0000000000000000", "data_dir": "/srv/counterfoil"}
