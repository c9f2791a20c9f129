"""What all HTML pages with entities share."""
