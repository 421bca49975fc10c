"""Delivery beside Strapi and Directus: one content, one load, one core for each in turn."""
