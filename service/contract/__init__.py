"""The contract with clients: the OpenAPI document, what may change in it, the typed client."""
