"""feedsvc for any WSGI server: `gunicorn wsgi:app`, `flask --app wsgi run`. Settings come from the environment."""

from feedsvc.cli.wsgi import app_from_environment

app = app_from_environment()
