"""A made-up marketplace of any size, for measuring: whole arrays in, COPY out."""
