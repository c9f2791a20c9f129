"""What every room needs: errors for the user, Ctrl-C, and writing of files."""
