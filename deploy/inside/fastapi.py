# FastAPI: below `app = FastAPI()`.
from counterfoil.middleware.asgi import CounterfoilMiddleware

app.add_middleware(CounterfoilMiddleware, api="api_0000000000000000", data_dir="/srv/counterfoil")
