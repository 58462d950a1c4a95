"""The addresses of the pages, one module for each part of the site. `vocdash.urls` includes them all."""
