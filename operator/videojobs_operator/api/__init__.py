"""The resources as typed values. These models are the one source: ``crds/`` is generated from them."""

GROUP = "videojobs.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"
