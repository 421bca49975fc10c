"""The demo: sample data, and the main job told over HTTP on the real server."""
