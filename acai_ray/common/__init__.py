"""What every room needs: errors, the skeleton, settings, files, randomness, terminal."""
