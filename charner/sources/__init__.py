"""Where a corpus comes from: a download, or files of one's own."""
