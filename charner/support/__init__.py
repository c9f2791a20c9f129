"""What every room needs: errors for the user, and writing of files."""
