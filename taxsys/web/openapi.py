"""How the OpenAPI document speaks of our authentication; imported with the addresses, so that it is known in time."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ClientKeyScheme(OpenApiAuthenticationExtension):
    """連携先の鍵: `Authorization: Bearer <key>`."""

    target_class = "taxsys.platform.staff.rest.ApiClientAuthentication"
    name = "clientKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The security scheme of the document."""
        return {"type": "http", "scheme": "bearer", "description": "連携先ごとに発行された鍵"}
