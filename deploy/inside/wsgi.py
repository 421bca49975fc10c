# Any WSGI application: below the line that makes yours.
from counterfoil.middleware.wsgi import CounterfoilMiddleware

app = CounterfoilMiddleware(app, api="api_0000000000000000", data_dir="/srv/counterfoil")
