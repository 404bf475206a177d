"""Corrections as data: what is read instead of what the source says, until the source is mended."""

import pytest

from ingest.rows.corrections import CorrectionsError
from tests.ingest.bench import Bench
from tests.ingest.conftest import Ingest
from tests.ingest.tables import CONTRACTS, CSV_EXPORTS, PATHS, csv_file, row, spending, workbook

CORE = PATHS["core_acuerdos"]
NEWER = "core/acuerdos_20260131.csv"
SIGNED = "motivo: El certificado dice otra cosa, autor: Analista de datos, fecha: 2026-11-20"
BY_KEY = f"""
celdas:
  - {{export: core_acuerdos, donde: {{acuerdo: 2/2022}}, columna: fecha, dice: 31-02-2022, debe_decir: 28-02-2022,
     {SIGNED}}}
"""


def agreements(number: int, **cells: str) -> bytes:
    return csv_file("core_acuerdos", [row("core_acuerdos", 1), row("core_acuerdos", number, **cells)])


def dates(bench: Bench) -> list[str]:
    return [str(r["fecha"]) for r in bench.accepted("core_acuerdos") if r["acuerdo"] != "1/2022"]


def test_a_cell_is_read_as_corrected_as_long_as_the_file_says_what_is_expected(ingest: Ingest) -> None:
    bench = ingest({CORE: agreements(2, fecha="31-02-2022")})
    assert bench.rejected(CORE) == [(3, "fecha", "date_unreadable")]
    bench.correct(BY_KEY)
    bench.run()
    assert (bench.rejected(CORE), dates(bench)) == ([], ["2022-02-28"])
    assert bench.report.corrections_to_review == []


def test_a_correction_that_cannot_be_read_is_told_by_its_own_reason(ingest: Ingest) -> None:
    bench = ingest({CORE: agreements(2, fecha="", monto="")})
    assert (bench.rejected(CORE), bench.observed(CORE)) == ([(3, "fecha", "required_missing")], [])
    bench.correct(BY_KEY.replace("dice: 31-02-2022, debe_decir: 28-02-2022", "dice: '', debe_decir: 31-02-2022"))
    bench.run()
    assert bench.rejected(CORE) == [(3, "fecha", "date_unreadable")]
    bench.correct(BY_KEY.replace("dice: 31-02-2022, debe_decir: 28-02-2022", "dice: '', debe_decir: 28-02-2022"))
    bench.run()
    assert bench.rejected(CORE) == []


@pytest.mark.parametrize(
    ("said", "corrected", "observed"),
    [("", "mucho", [(3, "monto", "amount_unreadable")]), ("mucho", "-", []), ("mucho", "12", [])],
)
def test_a_cell_that_may_be_empty_is_observed_as_it_was_corrected(
    ingest: Ingest, said: str, corrected: str, observed: list[tuple[int, str, str]]
) -> None:
    bench = ingest({CORE: agreements(2, monto=said, votos_favor="x")})
    other = [(3, "votos_favor", "code_unreadable")]
    bench.correct(
        BY_KEY.replace("columna: fecha, dice: 31-02-2022, debe_decir: 28-02-2022", "columna: monto, ").replace(
            "columna: monto, ", f"columna: monto, dice: '{said}', debe_decir: '{corrected}'"
        )
    )
    bench.run()
    assert bench.observed(CORE) == [*observed, *other]


def test_what_the_file_says_is_kept_beside_the_correction(ingest: Ingest) -> None:
    bench = ingest({CORE: agreements(2, fecha="31-02-2022")})
    bench.correct(BY_KEY)
    bench.run()
    (kept,) = bench.table("select * exclude (_sha256) from '{raw}/correcciones/*.parquet'")
    assert kept == {
        "export": "core_acuerdos",
        "_fila": 3,
        "columna": "fecha",
        "correccion": "core_acuerdos acuerdo 2/2022: fecha = 31-02-2022",
        "aplicada": True,
        "celda": "31-02-2022",
    }


@pytest.mark.parametrize(
    "healed", [{"fecha": "28-02-2022"}, {"fecha": "27-02-2022"}, {"fecha": "28-02-2022", "resultado": "RECHAZADO"}]
)
def test_the_guard_fails_once_the_source_is_mended(ingest: Ingest, healed: dict[str, str]) -> None:
    bench = ingest({CORE: agreements(2, fecha="31-02-2022")})
    bench.correct(BY_KEY)
    bench.add({NEWER: agreements(2, **healed)})
    bench.run()
    (said,) = bench.report.corrections_to_review
    assert "core_acuerdos acuerdo 2/2022: fecha (2026-11-20) corrects nothing" in said
    assert dates(bench)[-1] == {"27-02-2022": "2022-02-27"}.get(healed["fecha"], "2022-02-28")


def test_the_guard_fails_where_no_row_has_the_key_any_longer(ingest: Ingest) -> None:
    bench = ingest({CORE: agreements(9)})
    bench.correct(BY_KEY)
    bench.run()
    assert len(bench.report.corrections_to_review) == 1


def test_a_row_whose_key_cannot_be_read_is_corrected_by_its_place(ingest: Ingest) -> None:
    bench = ingest({CORE: agreements(2, acuerdo="dos")})
    assert bench.rejected(CORE) == [(3, "acuerdo", "code_unreadable")]
    bench.correct(
        f"celdas: [{{export: core_acuerdos, donde: {{archivo: {CORE}, fila: 3}}, columna: acuerdo, dice: dos, "
        f"debe_decir: 2/2022, {SIGNED}}}]"
    )
    bench.run()
    assert [r["acuerdo"] for r in bench.accepted("core_acuerdos")] == ["1/2022", "2/2022"]
    bench.add({CORE: agreements(2)})
    bench.run()
    assert len(bench.report.corrections_to_review) == 1


def test_an_amount_of_a_month_of_a_workbook_is_corrected(ingest: Ingest) -> None:
    path = PATHS["sagir_gasto"]
    bench = ingest({path: workbook(spending("40048130-0", 1, 2, 3, 4, 5, 6))})
    before = {r["mes"]: r["gasto_real"] for r in bench.accepted("sagir_gasto")}
    bench.correct(
        "celdas: [{export: sagir_gasto, donde: {codigo_iniciativa: 40048130-0}, columna: gasto_real_3, "
        f"dice: '{before[3]}', debe_decir: '777', {SIGNED}}}]"
    )
    bench.run()
    assert {r["mes"]: r["gasto_real"] for r in bench.accepted("sagir_gasto")} == before | {3: 777}
    assert bench.refusal(path) is None


def test_taking_a_correction_away_gives_the_source_its_word_back(ingest: Ingest) -> None:
    bench = ingest({CORE: agreements(2, fecha="31-02-2022")})
    bench.correct(BY_KEY)
    bench.run()
    bench.correct("")
    bench.run()
    assert bench.rejected(CORE) == [(3, "fecha", "date_unreadable")]
    assert bench.table("select * from '{raw}/correcciones/*.parquet'") == []


def test_an_amount_that_is_corrected_does_not_look_like_a_loss(ingest: Ingest) -> None:
    path = PATHS["dte_rcv_compra"]
    bench = ingest({path: csv_file("dte_rcv_compra", [row("dte_rcv_compra")])})
    (document,) = bench.accepted("dte_rcv_compra")
    bench.correct(
        "celdas: [{export: dte_rcv_compra, "
        f"donde: {{rut_proveedor: {document['rut_proveedor']}, tipo_documento: '33', folio: '1'}}, "
        f"columna: monto_total, dice: '1190000', debe_decir: '1190001', {SIGNED}}}]"
    )
    bench.run()
    assert bench.refusal(path) is None
    assert [r["monto_total"] for r in bench.accepted("dte_rcv_compra")] == [1190001]


def test_a_correction_of_an_older_file_is_asked_of_that_file(ingest: Ingest) -> None:
    bench = ingest({CORE: agreements(2, fecha="31-02-2022"), NEWER: agreements(2)})
    bench.correct(BY_KEY.replace("acuerdo: 2/2022", f"acuerdo: 2/2022, archivo: {CORE}"))
    bench.run()
    assert bench.report.corrections_to_review == []
    assert dates(bench)[0] == "2022-02-28"


OTHER = "core/acuerdos_20250228.csv"
IN_CORE = BY_KEY.replace("acuerdo: 2/2022", f"acuerdo: 2/2022, archivo: {CORE}")


@pytest.mark.parametrize("named", [CORE, OTHER])
@pytest.mark.parametrize("arrivals", [[CORE, OTHER], [OTHER, CORE], [CORE + OTHER]])
def test_a_content_under_two_names_is_corrected_by_either_in_whatever_order_they_came(
    ingest: Ingest, arrivals: list[str], named: str
) -> None:
    bench = ingest({})
    bench.correct(IN_CORE.replace(CORE, named))
    for arrived in arrivals:
        bench.add({path: agreements(2, fecha="31-02-2022") for path in (CORE, OTHER) if path in arrived})
        bench.run()
    assert dates(bench) == ["2022-02-28", "2022-02-28"]
    assert bench.report.corrections_to_review == []


def test_a_file_that_changed_its_name_is_no_longer_the_one_that_a_correction_names(ingest: Ingest) -> None:
    bench = ingest({CORE: agreements(2, fecha="31-02-2022")})
    bench.correct(IN_CORE)
    bench.run()
    (bench.exports / CORE).rename(bench.exports / OTHER)
    bench.run()
    assert bench.rejected(OTHER) == [(3, "fecha", "date_unreadable")]
    assert len(bench.report.corrections_to_review) == 1
    (bench.exports / OTHER).rename(bench.exports / CORE)
    bench.run()
    assert dates(bench) == ["2022-02-28"]


def test_what_stands_in_for_a_refused_file_is_corrected_by_its_name(ingest: Ingest) -> None:
    bench = ingest({CORE: agreements(2, fecha="31-02-2022")})
    bench.correct(IN_CORE)
    for _ in range(2):
        bench.add({CORE: "<html>"})
        report = bench.run()
        assert dates(bench) == ["2022-02-28"]
    assert not any(f.read_now for f in report.files)
    bench.add({CORE: agreements(3, fecha="31-02-2022"), OTHER: agreements(2, fecha="31-02-2022")})
    bench.run()
    assert [bench.counts(path)[2] for path in (CORE, OTHER)] == [1, 1]


def test_two_spellings_of_one_cell_are_two_corrections(ingest: Ingest) -> None:
    bench = ingest({CORE: agreements(2, fecha="31-02-2022"), NEWER: agreements(2, fecha="30-02-2022")})
    entry = BY_KEY.removeprefix("\nceldas:\n")
    bench.correct(BY_KEY + entry.replace("31-02-2022", "30-02-2022"))
    bench.run()
    assert dates(bench) == ["2022-02-28", "2022-02-28"]
    (said,) = bench.report.corrections_to_review
    assert "corrects nothing" in said


def test_of_corrections_of_one_cell_the_first_is_taken_and_the_others_are_told(ingest: Ingest) -> None:
    bench = ingest({CORE: agreements(2, monto="1")})
    by_key = BY_KEY.replace("columna: fecha, dice: 31-02-2022, debe_decir: 28-02-2022", "columna: monto, dice: '1', ~")
    entry = by_key.removeprefix("\nceldas:\n")
    in_file = entry.replace("2/2022", f"2/2022, archivo: {CORE}")
    by_place = entry.replace("acuerdo: 2/2022", f"archivo: {CORE}, fila: 3")
    bench.correct(
        "celdas:\n"
        + "".join(e.replace("~", f"debe_decir: '{n}'") for e, n in ((entry, 111), (by_place, 222), (in_file, 333)))
    )
    bench.run()
    assert [r["monto"] for r in bench.accepted("core_acuerdos")] == [277688, 111]
    applied = bench.table("select correccion, aplicada from '{raw}/correcciones/*.parquet'")
    assert [c["correccion"] for c in applied if c["aplicada"]] == ["core_acuerdos acuerdo 2/2022: monto = 1"]
    first = "corrects nothing: that of core_acuerdos acuerdo 2/2022: monto (2026-11-20) corrects the same cell"
    assert [first in said for said in bench.report.corrections_to_review] == [True, True]
    bench.correct(by_key.replace("~", "debe_decir: '111'"))
    bench.run()
    assert bench.report.corrections_to_review == []


def test_a_row_whose_key_is_corrected_is_named_by_its_place_alone(ingest: Ingest) -> None:
    bench = ingest({CORE: agreements(2, acuerdo="dos", fecha="31-02-2022")})
    place = f"archivo: {CORE}, fila: 3"
    key = BY_KEY.replace("acuerdo: 2/2022", place).replace("31-02-2022", "dos").replace("28-02-2022", "2/2022")
    key = key.replace("columna: fecha", "columna: acuerdo")
    entry = BY_KEY.removeprefix("\nceldas:\n")
    bench.correct(key + entry)
    bench.run()
    (said,) = bench.report.corrections_to_review
    assert "no row in force is named so. Name it by archivo and fila if its key is corrected itself" in said
    bench.correct(key + entry.replace("acuerdo: 2/2022", place))
    bench.run()
    assert bench.report.corrections_to_review == []
    assert [str(r["fecha"]) for r in bench.accepted("core_acuerdos")][1] == "2022-02-28"


@pytest.mark.parametrize("content", [agreements(2), "<html>"])
def test_a_withdrawal_of_a_file_that_lies_in_the_folder_is_told(ingest: Ingest, content: bytes | str) -> None:
    bench = ingest({CORE: content})
    bench.correct(f"retiros: [{{archivo: {CORE}, {SIGNED}}}]")
    bench.run()
    (said,) = bench.report.corrections_to_review
    assert "lies in the exports folder: what lies there counts, if it can be read" in said


def test_a_withdrawal_of_a_name_that_never_was_is_told(ingest: Ingest) -> None:
    bench = ingest({CORE: agreements(2)})
    bench.correct(f"retiros: [{{archivo: core/acuerdo_20250131.csv, {SIGNED}}}]")
    bench.run()
    (said,) = bench.report.corrections_to_review
    assert "no file of that name was ever in force" in said


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("celdas: [", ": this is no YAML. Look at indentation, quotes and brackets there"),
        ("celdas: [{export: core_acuerdos}]", "line 1, celdas, entry 1, field columna: is missing: add it"),
        ("celdas: ninguna", "field celdas: must be a list, one entry a line with a dash"),
        ("- nada", "line 1: must be fields with values, as name: value"),
        ("celdas: [nada]", "line 1, celdas, entry 1: must be fields with values, as name: value"),
        (BY_KEY + BY_KEY, "line 6: celdas stands there already: join the two"),
        (BY_KEY.replace("debe_decir:", "debe_desir:"), "entry 1, field debe_desir: is no field here: mend its name"),
        (
            BY_KEY.replace("core_acuerdos", "core"),
            "no contract has the export core: name one of core_acuerdos",
        ),
        (
            BY_KEY.replace("columna: fecha", "columna: fechas"),
            "has no column fechas that can be corrected: name",
        ),
        (BY_KEY.replace("{acuerdo: 2/2022}", "{sesion: 2}"), "donde must give acuerdo, or archivo and fila"),
        (BY_KEY.replace("28-02-2022", "31-02-2022"), "dice and debe_decir are the same: say what must be read"),
        (BY_KEY.replace("autor: Analista de datos, ", ""), "line 3, celdas, entry 1, field autor: is missing: add it"),
        (BY_KEY.replace("Analista de datos", "''"), "field autor: is empty: fill it in"),
        (BY_KEY.replace("2026-11-20", "ayer"), "line 4, celdas, entry 1, field fecha: is 'ayer': give a date as year"),
        (BY_KEY.replace("2026-11-20", "20-11-2026"), "field fecha: is '20-11-2026': give a date as year-month-day"),
        (BY_KEY + BY_KEY.removeprefix("\nceldas:\n"), "is corrected twice, first in"),
        (
            BY_KEY.replace("core_acuerdos", "sisrec_rendiciones").replace("columna: fecha", "columna: encargado"),
            "is never published: it can only be corrected at the source",
        ),
        (BY_KEY.replace("{acuerdo: 2/2022}", "{archivo: a.csv, fila: tres}"), "fila is 'tres': give the number of"),
    ],
)
def test_a_correction_that_cannot_be_followed_is_named(ingest: Ingest, said: str, wrong: str) -> None:
    bench = ingest({})
    bench.correct(said)
    with pytest.raises(CorrectionsError, match=r"casos\.yml, line \d") as error:
        bench.run()
    assert wrong in str(error.value)
    assert not any(word in str(error.value) for word in ("pydantic", "Input", "validation", "Corrections"))


def test_a_cell_that_two_files_correct_is_named_in_both(ingest: Ingest) -> None:
    bench = ingest({})
    bench.correct(BY_KEY)
    (bench.corrections / "otros.yml").write_text(BY_KEY)
    with pytest.raises(CorrectionsError, match=r"otros\.yml, line 3, .* first in .*casos\.yml, line 3"):
        bench.run()


def test_a_file_that_would_not_be_read_is_named(ingest: Ingest) -> None:
    bench = ingest({})
    bench.correct("")
    (bench.corrections / "otra.yaml").write_text(BY_KEY)
    with pytest.raises(CorrectionsError, match=r"otra\.yaml would not be read"):
        bench.run()


def test_without_the_folder_of_the_corrections_nothing_is_read(ingest: Ingest) -> None:
    """What it withdraws would be in force again."""
    bench = ingest({})
    bench.corrections.rmdir()
    with pytest.raises(CorrectionsError, match=r"corrections cannot be looked into .* set CORRECTIONS_DIR"):
        bench.run()


@pytest.mark.parametrize("export", CSV_EXPORTS)
def test_every_row_of_every_export_can_be_named_by_its_key(ingest: Ingest, export: str) -> None:
    """The key as it is published names the row, whatever its type."""
    path = PATHS[export]
    bench = ingest({path: csv_file(export, [row(export)])})
    (accepted,) = bench.accepted(export)
    key = CONTRACTS[export].key
    closed = {c.name for c in CONTRACTS[export].columns if c.privacy == "closed"}
    column, said = next((n, cell) for n, cell in row(export).items() if n not in closed | {*key} and cell.strip())
    donde = ", ".join(f"{k}: '{'' if accepted[k] is None else accepted[k]}'" for k in key)
    bench.correct(
        f"celdas: [{{export: {export}, donde: {{{donde}}}, columna: {column}, dice: '{said.strip()}', "
        f"debe_decir: Corregido, {SIGNED}}}]"
    )
    bench.run()
    assert bench.report.corrections_to_review == []
