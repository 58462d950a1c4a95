"""The pages. Views read the request, call selectors and actions, and render; they write no model."""
