"""The programmes of the budget as people know them: a name, and what their money is for."""

PROGRAMMES = {
    "01": ("Gastos de funcionamiento", "Lo que cuesta que el Gobierno de Santiago funcione cada mes."),
    "02": ("Inversión regional", "El dinero que va a obras, programas y transferencias en la región."),
}


def told(programa: str) -> tuple[str, str]:
    """The name of a programme and what it is for; of an unknown one its code, and nothing."""
    return PROGRAMMES.get(programa, (f"Programa {programa}", ""))
