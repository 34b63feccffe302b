"""Views: a run and a network as people look at them."""
