"""HTTP as the office speaks it: one route table, strict requests, one shape for each answer."""
