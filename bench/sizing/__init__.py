"""How large an installation becomes: a model of few constants, and what measures them."""
