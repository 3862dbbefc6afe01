"""Speed side by side: this simulator, its peers and C programs built on the spot. Run by `python -m benchmarks`."""
