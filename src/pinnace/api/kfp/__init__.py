"""The Kubeflow Pipelines API, v2beta1.

``wire_*`` are the messages, ``convert_*`` the way between them and the domain, ``routes_*`` the endpoints.
"""
