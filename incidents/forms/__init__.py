"""What people send: checked at the edge, page by page."""
