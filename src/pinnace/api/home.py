"""The page at ``/``."""

from html import escape

from fastapi import APIRouter, Request, Response

from pinnace.api.about import About

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Pinnace</title>
<h1>Pinnace {version}</h1>
<p>Here answers the Kubeflow Pipelines API, version 2, under <code>/apis/v2beta1</code>. To run a pipeline:</p>
<pre>
import kfp
client = kfp.Client(host="{address}")
client.create_run_from_pipeline_func(my_pipeline)
</pre>
<p><a href="{root}/apis/v2beta1/runs?sort_by=created_at%20desc">Runs</a> ·
<a href="{root}/apis/pinnace/v1/status">Status</a> ·
<a href="{root}/docs">API</a></p>
</html>
"""


def home_routes(about: About) -> APIRouter:
    """One plain page that says what answers here and how to connect: by the address that the page was asked at."""

    def home(request: Request) -> Response:
        root = request.scope.get("root_path", "")
        address = str(request.base_url).rstrip("/")
        page = _PAGE.format(version=escape(about.version), address=escape(address), root=escape(root))
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": "default-src 'none'"})

    router = APIRouter()
    router.add_api_route("/", home, methods=["GET"], include_in_schema=False)
    return router
