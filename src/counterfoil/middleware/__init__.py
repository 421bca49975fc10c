"""Middleware: the gate inside other people's applications, one line for each framework.

    counterfoil.middleware.asgi      any ASGI application: Starlette, FastAPI, Litestar, Quart
    counterfoil.middleware.fastapi   a dependency: `Depends(require("orders:read"))`
    counterfoil.middleware.wsgi      any WSGI application
    counterfoil.middleware.django    a middleware and a decorator, by `settings.COUNTERFOIL`
    counterfoil.middleware.flask     an extension and a decorator

    CounterfoilRecorder             of asgi and wsgi: no gate, it writes down what is asked

All but the last put a `Visitor` into the request: who sent it, and what they may. They read the
replica that the server of this host keeps up, which is a file in memory: a decision takes
microseconds, asks nobody, and holds up no event loop. No framework is imported before its own
module is.
"""

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.middleware.visitor import ANY, Visitor

__all__ = ["ANY", "CounterfoilError", "Visitor"]
