"""The kinds of pages, a module each with its KIND; `comunas`, `resumen` and `saldos` are parts of kinds, with none."""
