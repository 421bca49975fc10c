"""The site's own kinds of pages."""
