"""The kinds of pages: a module each, from a release to its pages."""
