# Flask: below `app = Flask(__name__)`.
from counterfoil.middleware.flask import Counterfoil

Counterfoil(app, api="api_0000000000000000", data_dir="/srv/counterfoil")
