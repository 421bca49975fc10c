"""Organizations, their people, their roles, and the policy that binds them."""
