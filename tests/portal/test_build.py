"""The site as a whole: what stands in it, that it holds together, and that it is made again only where it must be."""

import gzip
import json
import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb
import pytest
import yaml

from portal.build import KINDS, OldPagesError, build
from portal.contents import Contents
from portal.kinds import dinero, resumen
from portal.pages import Kind, Page, file_name, sentence
from tests.conftest import PROJECT
from tests.portal.conftest import CODE, ROWS, MakeRelease
from tests.portal.pages import Page as Read
from tests.portal.pages import pages_below

# Words of a plural after one alone; a name of a dataset or a person begins with a capital.
ONE_AS_MANY = re.compile(r"(?<![\w.,:/-])1 [a-záéíóúñ]+(?:s|ron)\b")
# What servers show where there is no page, at whatever depth: its links start at their root.
LOST = "404.html"
NOTHING = re.compile(r"\bNone\b|\bnan\b", re.IGNORECASE)
HELD = {name: f"Falló {name}." for name in ROWS}


def broken(site: Path) -> set[tuple[str, str]]:
    """The links of a site that lead to no file, or to no place in it."""
    pages = pages_below(site)
    found = set()
    for path, page in pages.items():
        for link in [*page.links, *page.fetched]:
            address = urlsplit(link)
            if address.scheme:
                continue
            # What begins with / is below the server's root, which the site's folder stands in under its name.
            start = site.parent if address.path.startswith("/") else (site / path).parent
            target = start / unquote(address.path).lstrip("/") if address.path else site / path
            # What a script keeps behind the # is a choice of filters, and no place.
            place = "" if "=" in address.fragment else address.fragment
            if not target.is_file() or (place and place not in Read(target).ids):
                found.add((path, link))
    return found


def test_the_first_page_names_the_release_and_its_date(make_release: MakeRelease, out: Path) -> None:
    path = build(make_release(), out)
    assert path == out / "index.html"
    text = Read(path).text
    assert "2025-01-31-0123456789ab" in text
    assert "31 de enero de 2025" in text
    assert "Título de fuentes 3 filas" in text
    assert "100 controles revisaron los datos publicados; 20 dieron una advertencia" in text


def test_datasets_stand_under_the_themes_of_their_release_in_its_order(make_release: MakeRelease, out: Path) -> None:
    release = make_release()
    assert [title for title, _ in Contents(release).themes()] == ["Las obras", "El dinero", "Los archivos"]
    build(release, out)
    text = Read(out / "datos" / "index.html").text
    assert text.index("Las obras") < text.index("El dinero") < text.index("Los archivos")


def test_what_changed_is_offered_where_there_is_a_release_before(make_release: MakeRelease, out: Path) -> None:
    release = make_release()
    pages = [out / "index.html", out / "datos" / "index.html"]

    def offered() -> list[bool]:
        build(release, out)
        return [any(link.endswith("/cambios.html") for link in Read(page).links) for page in pages]

    assert offered() == [False, False]
    manifest = json.loads((release / "manifest.json").read_text("utf-8"))
    manifest |= {"id": "2025-02-28-0123456789ab", "anterior": {"id": manifest["id"]}}
    (release / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    release = release.rename(release.with_name(manifest["id"]))
    assert offered() == [True, True]


def test_every_link_leads_somewhere_and_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    pages = pages_below(site)
    assert {"index.html", "mapa.html", "buscar.html", f"iniciativas/{CODE}.html", "programa/pg-01.html"} < set(pages)
    assert broken(site) == set()
    for path, page in pages.items():
        assert [
            place
            for place in page.fetched
            if urlsplit(place).scheme not in ("", "data") or (place.startswith("/") and path != LOST)
        ] == [], path
        assert page.handlers == [], path
        assert page.tags.isdisjoint({"iframe", "img", "style", "object", "embed", "base"}), path
    style = (site / "estilo.css").read_text("utf-8")
    assert "@import" not in style
    assert "url(" not in style


def test_the_search_knows_the_site_s_own_pages_and_the_comunas_and_tells_namesakes_apart(site: Path) -> None:
    index = Read(site / "buscar.html").index
    found = {(kind, title, code): place for kind, title, code, place, _ in index}
    assert len(found) == len(index)
    assert found["pagina", "Pago en 30 días", ""] == "dinero/pagos.html"
    assert found["comuna", "Ñuñoa", ""] == "iniciativas/comuna-13120.html"
    assert found["iniciativa", "Reposición Plaza Ñuñoa", CODE] == f"iniciativas/{CODE}.html"
    assert [place for place in found.values() if not (site / place).is_file()] == []


def test_the_search_leads_to_pages_that_are_there_when_no_dataset_is(make_release: MakeRelease, out: Path) -> None:
    build(make_release(HELD), out)
    assert [entry for entry in Read(out / "buscar.html").index if not (out / entry[3]).is_file()] == []


def test_what_stands_where_there_is_no_page_leads_back_from_any_depth(site: Path) -> None:
    page = Read(site / LOST)
    assert "Esta página no existe" in page.text
    wanted = {"/portal/index.html", "/portal/buscar.html", "/portal/iniciativas/index.html", "/portal/datos/index.html"}
    assert wanted < set(page.links)
    assert [each for each in page.links if not each.startswith(("/portal/", "#"))] == []
    assert page.fetched == ["data:,", "/portal/estilo.css"]


def test_every_page_has_its_landmarks_one_heading_and_a_way_past_the_menu(site: Path) -> None:
    for path, page in pages_below(site).items():
        assert {"main", "header", "footer", "nav", "title"} <= page.tags, path
        assert page.source.count("<h1") == 1, path
        assert '<html lang="es-CL">' in page.source, path
        assert page.links[0] == "#contenido", path
        assert page.repeated_ids == set(), path
        assert page.source.count("<table") == page.source.count("<caption>"), path


def test_what_was_received_and_refused_is_counted(site: Path) -> None:
    text = Read(site / "calidad.html").text
    assert "Filas leídas: 1.210. Aceptadas: 1.207. Rechazadas: 2. Repetidas: sin dato." in text
    assert "Rechazado No es una tabla. 1" in text
    assert "core_acuerdos Falta un dato. 2" in text
    assert "1 de 2" in text
    assert "1.444" in text


def test_the_ficha_shows_its_month_beside_that_of_the_year_before(site: Path) -> None:
    text = Read(site / "fichas" / "01-2024-12.html").text
    assert "Ficha Ciudadana 01 · diciembre de 2024" in text
    assert "M$ 1.713.930 ejecutados de M$ 8.795.139 vigentes" in text
    assert "En diciembre de 2023: M$ 880 ejecutados de M$ 1.000 , 88,00 % ." in text
    assert "Lo que decía la ficha impresa" not in text
    # The mark of the year before stands on the bar of what has one.
    source = Read(site / "fichas" / "01-2024-12.html").source
    assert source.count('<b style="left:88%">') == 2
    assert "De diciembre de 2023 no hay datos" in Read(site / "fichas" / "02-2024-12.html").text


def test_a_ficha_that_was_printed_otherwise_says_so(site: Path) -> None:
    text = Read(site / "fichas" / "01-2023-12.html").text
    assert "Subtítulo 22, porcentaje ejecutado: decía 97,90 % ; los datos dan 88,00 % ." in text


def test_what_is_not_known_reads_as_no_data_and_its_bar_is_empty(site: Path) -> None:
    page = Read(site / "fichas" / "01-2024-12.html")
    assert "subtítulo 32 sin dato" in page.text
    assert "M$ -500 ejecutados de M$ 0 vigentes" in page.text
    assert "width:0%" in page.source


def test_no_page_shows_how_a_program_writes_nothing(site: Path) -> None:
    assert {path: found for path, page in pages_below(site).items() if (found := NOTHING.findall(page.text))} == {}
    rows = {figure.row for page in pages_below(site).values() for figure in page.figures}
    assert "ejecucion_presupuestaria:2024|12|02|29||" in rows
    assert [row for row in rows if NOTHING.search(row)] == []


def test_no_page_speaks_of_one_thing_as_of_many(make_release: MakeRelease, out: Path) -> None:
    hitos = [{**each, "dias_desde_anterior": 1} for each in ROWS["iniciativa_hitos"]]
    build(make_release(iniciativa_hitos=hitos, compromisos_programa=ROWS["compromisos_programa"][1:]), out)
    pages = pages_below(out)
    assert {path: found for path, page in pages.items() if (found := ONE_AS_MANY.findall(page.text))} == {}
    assert "1 iniciativa. Una que es de varias comunas" in pages["iniciativas/comuna-13120.html"].text
    assert "varias comunas" not in pages["iniciativas/regionales.html"].text


def test_every_system_that_data_come_from_is_in_the_glossary(site: Path) -> None:
    contracts = (PROJECT / "ingest" / "contracts").glob("*.yml")
    systems = {yaml.safe_load(path.read_text("utf-8"))["system"] for path in contracts}
    assert "SAGIR" in systems
    terms = Read(site / "glosario.html").ids
    assert [system for system in sorted(systems) if file_name(system) not in terms] == []


def test_every_division_and_way_of_funding_that_an_initiative_may_have_is_in_the_glossary(site: Path) -> None:
    contract = yaml.safe_load((PROJECT / "ingest" / "contracts" / "sagir_iniciativas.yml").read_text("utf-8"))
    named = {column["name"]: column["type"] for column in contract["columns"]}
    codes = {*named["division"], *named["tipologia"]} - {"OTRO"}
    assert {"DIPIR", "FRIL"} <= codes
    terms = Read(site / "glosario.html").ids
    assert [code for code in sorted(codes) if file_name(code) not in terms] == []
    assert "../glosario.html" in Read(site / "iniciativas" / f"{CODE}.html").links


def test_the_filters_of_the_map_agree_with_what_they_filter(site: Path) -> None:
    text = Read(site / "mapa.html").text
    assert "Comuna Todas Ñuñoa" in text
    assert "Estado Todos En ejecución" in text
    assert "Año del acuerdo CORE Todos" in text


def test_what_is_late_and_unpaid_stands_beside_what_was_paid(make_release: MakeRelease, out: Path) -> None:
    late = {"tipo_documento": "33", "estado": "DEVENGADA", "dentro_plazo": False, "monto_total": 700}
    build(
        make_release(
            pagos_proveedores=[
                {**late, "folio": "1"},
                {**late, "folio": "2", "monto_total": 1_000},
                {**late, "folio": "3", "estado": "PAGADA", "fecha_pago": "2024-12-01"},
                {**late, "folio": "4", "dentro_plazo": None},
            ]
        ),
        out,
    )
    said = "Sin pago registrado al 31 de enero de 2025 : 2 documentos recibidos hace más de 30 días, por $ 1.700."
    assert said in Read(out / "dinero" / "pagos.html").text


def test_documents_without_a_day_of_reception_are_said_to_count_as_late(
    site: Path, make_release: MakeRelease, out: Path
) -> None:
    assert "recepción" not in Read(site / "dinero" / "pagos.html").text
    paid = {"indicador": "pago_30_dias", "nombre": "Pago", "unidad": "documentos", "numerador": 3, "denominador": 9}
    month = {"programa": "01", "documentos_pagados": 3, "documentos_en_plazo": 1, "porcentaje_en_plazo": "33.33"}
    build(
        make_release(
            indicadores_gestion=[{**paid, "anio": anio, "valor": "33.33"} for anio in (2022, 2023, 2024)],
            pago_oportuno=[
                {**month, "anio": anio, "mes": mes, "documentos_sin_recepcion": count}
                for anio, mes, count in ((2022, 12, 0), (2023, 1, 1), (2024, 1, 2), (2024, 2, 1), (2024, 3, None))
            ],
        ),
        out,
    )
    text = Read(out / "dinero" / "pagos.html").text
    cards = {year: text.split(f" {year} 33,33")[1].split("33,33")[0] for year in (2022, 2023, 2024)}
    assert "De 3 no se sabe cuándo se recibieron: cuentan como fuera de plazo" in cards[2024]
    assert "De 1 no se sabe cuándo se recibió: cuenta como fuera de plazo" in cards[2023]
    assert "no se sabe" not in cards[2022].split("Sin pago")[0]
    assert "Febrero de 2024 Gastos de funcionamiento 3 1 1 33,33" in text
    assert "Sin fecha de recepción" in text


def test_a_figure_can_be_quoted_with_its_date_and_its_unit(site: Path) -> None:
    pages = (
        "dinero/pagos",
        "dinero/transferencias",
        "iniciativas/comuna-13120",
        f"iniciativas/{CODE}",
        "programa/pg-01",
    )
    for name in pages:
        text = Read(site / f"{name}.html").text
        assert "Datos hasta el 31 de enero de 2025" in text, name
        assert "M$ son miles de pesos." in text, name


def test_an_acronym_stays_one_in_a_sentence() -> None:
    said = [sentence(text) for text in ("EN EJECUCIÓN", "APROBADO CORE", "RS", "CERTIFICADO CORE", None)]
    assert said == ["En ejecución", "Aprobado CORE", "RS", "Certificado CORE", "sin dato"]


def test_an_indicator_of_money_says_its_unit(make_release: MakeRelease, out: Path) -> None:
    one = {"anio": 2024, "numerador": 1, "denominador": 4, "valor": 25}
    money, documents = (
        {**one, "indicador": unidad, "nombre": f"Parte en {unidad}", "unidad": unidad}
        for unidad in ("M$", "documentos")
    )
    build(make_release(indicadores_gestion=[money, documents]), out)
    text = Read(out / "dinero" / "index.html").text
    assert "Parte en M$; montos en miles de pesos (M$) Año" in text
    assert "Parte en documentos Año" in text


def test_what_documents_explain_is_what_the_quality_report_says(site: Path) -> None:
    text = Read(site / "dinero" / "index.html").text
    assert "Con documentos Diferencia 2024 02 1.000 940 60 2023 02 1.000 940 60" in text


def test_tables_of_programmes_say_what_their_codes_are_and_begin_with_the_newest_year(
    make_release: MakeRelease, out: Path
) -> None:
    one = {"indicador": "arrastre", "nombre": "Arrastre", "unidad": "M$", "numerador": 1, "denominador": 4}
    build(make_release(indicadores_gestion=[{**one, "anio": anio, "valor": 25} for anio in (2023, 2024)]), out)
    money, quality = (Read(out / name).text for name in ("dinero/index.html", "calidad.html"))
    codes = "Programa 01: gastos de funcionamiento; 02: inversión regional. Año Programa"
    assert codes in money
    assert codes in quality
    assert "2024 1 4 25,00 % 2023 1 4 25,00 %" in money
    assert "% con documentos 2024 02 1.000 940 60 94,0 % 2023 02" in quality


def test_a_line_of_the_budget_without_asignacion_or_item_is_named_by_what_it_has(site: Path) -> None:
    text = Read(site / "dinero" / "02-2024.html").text
    assert "1 iniciativa con la imputación 29.06 2401SC0001" in text
    assert "1 iniciativa con la imputación 31.02.004 Reposición Plaza Ñuñoa" in text
    assert "29 M$ 20 de M$ 350" in text
    assert "Ítem 06: M$ 10 de M$ 300" in text
    assert "Sin ítem" in text


def test_lines_in_dollars_are_never_said_to_be_of_pesos(site: Path, make_release: MakeRelease, out: Path) -> None:
    assert "dólares" not in Read(site / "dinero" / "02-2024.html").text
    line = next(row for row in ROWS["ejecucion_presupuestaria"] if row.get("asignacion"))
    dollars = {**line, "moneda": "D", "subtitulo": "34", "presupuesto_vigente": 70, "ejecucion_acumulada": 60}
    build(make_release(ejecucion_presupuestaria=[line, dollars]), out)
    text = Read(out / "dinero" / "02-2024.html").text
    pesos, _, rest = text.partition("Gastos en miles de dólares ")
    assert "en miles de pesos (M$) o, donde se dice, en miles de dólares." in pesos
    assert rest.startswith("60 de 70 miles de dólares 34 Obras & estudios 60 de 70 miles de dólares Ítem 02: 60 ")
    assert "M$" not in rest[: rest.index("Los mismos datos")]


def test_a_subtitulo_is_called_as_its_dataset_says_and_by_its_code_where_it_does_not(site: Path) -> None:
    text = Read(site / "dinero" / "02-2024.html").text
    assert "31 Obras & estudios M$ 1.250 de M$ 1.000" in text
    assert "29 M$ 20 de M$ 350" in text


def test_a_bar_never_leaves_its_frame(site: Path) -> None:
    page = Read(site / "fichas" / "02-2024-12.html")
    assert "width:100%" in page.source
    assert "width:125%" not in page.source
    assert "más que lo presupuestado" in page.text


def test_an_initiative_is_told_from_application_to_accounts(site: Path) -> None:
    text = Read(site / "iniciativas" / f"{CODE}.html").text
    assert "Recomendación técnica (RATE) , 1 de febrero de 2023 · 31 días después" in text
    assert "En alguna transferencia lo rendido supera lo transferido." in text
    assert "SALDO_BAJO_CERO" not in text
    # One unit within the list, and the agreement's own in its own.
    steps = text[text.index("Su dinero, paso a paso") : text.index("Acuerdos del Consejo Regional")]
    assert "Pedido: costo total $ 900.000.000 " in steps
    assert "acuerdo 7/2023, informado en miles de pesos $ 900.000.000 " in steps
    assert "M$" not in steps
    assert "Acuerdo 7/2023 , 1 de marzo de 2023 : aprobado, M$ 900.000 ." in text
    assert "Falta por rendir transferido, menos rendido y devuelto $ 600.000 Gasto según SAGIR" in text
    assert "1-1-SE24" in text
    assert "Más plazas" in text
    assert "un punto dentro de la comuna" in text


def test_the_columns_of_the_spending_stand_at_their_months_and_the_highest_says_how_much(
    site: Path, make_release: MakeRelease, out: Path
) -> None:
    assert "La columna más alta, de enero de 2024: M$ 2.000 ." in Read(site / "iniciativas" / f"{CODE}.html").text
    month = {"codigo_iniciativa": CODE}
    rows = [
        {**month, "anio": 2023, "mes": 11, "gasto_real": 40, "gasto_proyectado": 30},
        {**month, "anio": 2024, "mes": 2, "gasto_real": 10},
    ]
    build(make_release(iniciativa_gasto=rows), out)
    page = Read(out / "iniciativas" / f"{CODE}.html")
    assert 'viewBox="0 0 40 60"' in page.source
    assert 'class="real" d="M3 60v-60.0h4V60zM33 60v-15.0h4V60z"' in page.source
    assert "La columna más alta, de noviembre de 2023: M$ 40 ." in page.text


def test_a_bar_of_progress_stands_with_what_it_measures(site: Path) -> None:
    commitment = Read(site / "programa" / "pg-01.html").source
    assert re.search(r"<dt>Avance informado</dt><dd><data[^<]*</data>\s*<span class=\"barra\"", commitment)
    summary = Read(site / "programa" / "resumen-2024-06.html").source
    assert re.search(r"<dt>Compromisos cumplidos</dt><dd><data[^<]*</data> de 2\s*<span class=\"barra\"", summary)
    assert commitment.count('class="barra"') == summary.count('class="barra"') == 1


def test_a_commitment_that_is_not_fulfilled_says_so_where_its_day_would_stand(
    site: Path, make_release: MakeRelease, out: Path
) -> None:
    assert "Cumplido el todavía no" in Read(site / "programa" / "pg-02.html").text
    undated = [{"compromiso": "PG-01", "titulo": "Más plazas", "estado": "CUMPLIDO"}]
    build(make_release(compromisos_programa=undated), out)
    assert "Cumplido el sin dato" in Read(out / "programa" / "pg-01.html").text


def test_what_was_accounted_for_beyond_a_transfer_hides_nothing_owed_of_the_initiative_s_others(
    make_release: MakeRelease, out: Path
) -> None:
    one = ROWS["transferencias"][0]
    beyond = {**one, "id_transferencia": "T-2", "saldo_por_rendir": -900_000, "estado_rendicion": "INCONSISTENTE"}
    build(make_release(transferencias=[one, beyond]), out)
    text = Read(out / "iniciativas" / f"{CODE}.html").text
    assert "Falta por rendir transferido, menos rendido y devuelto $ 600.000 " in text
    assert "Rendido o devuelto de más en otras transferencias; no rebaja lo que falta $ 900.000 " in text


def test_an_initiative_with_many_documents_lists_the_newest_and_says_how_many(
    make_release: MakeRelease, out: Path
) -> None:
    days = [f"2024-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 16)]
    documents = [
        {"id_documento": f"SGD-{n}", "tipo_documento": "OFICIO", "fecha_creacion": day, "codigo_iniciativa": CODE}
        for n, day in enumerate(days)
    ]
    build(make_release(documentos=documents), out)
    text = pages_below(out)[f"iniciativas/{CODE}.html"].text
    assert "Se ven los más recientes: 20 de 30." in text
    assert [n for n in range(len(days)) if f"SGD-{n} " in text] == list(range(10, 30))


@pytest.mark.parametrize(("dated", "listed"), [(5, 8), (19, 20), (25, 20)])
def test_documents_without_a_date_stand_behind_those_that_have_one(
    make_release: MakeRelease, out: Path, dated: int, listed: int
) -> None:
    dates = [*(f"2024-01-{day:02}" for day in range(1, dated + 1)), None, None, None]
    documents = [
        {"id_documento": f"SGD-{n}", "tipo_documento": "OFICIO", "fecha_creacion": day, "codigo_iniciativa": CODE}
        for n, day in enumerate(dates)
    ]
    build(make_release(documentos=documents), out)
    text = pages_below(out)[f"iniciativas/{CODE}.html"].text
    shown = re.findall(r"SGD-([0-9]+) ", text)
    newest_first = [*reversed(range(dated)), *range(dated, dated + 3)]
    assert [int(n) for n in shown] == newest_first[:listed]


def test_every_month_has_its_summary_and_only_the_newest_tells_the_state(site: Path) -> None:
    names = sorted(path.name for path in (site / "programa").glob("resumen-*.html"))
    assert names == ["resumen-2024-01.html", "resumen-2024-06.html", "resumen-2025-01.html"]
    first, second, newest = (Read(site / "programa" / name).text for name in names)
    assert "Compromisos cumplidos 0 de 2 Gastado en el mes M$ 1.250 Gastado hasta entonces M$ 1.250" in first
    assert "Ninguno todavía." in first
    assert "Compromisos cumplidos 1 de 2 Gastado en el mes sin dato Gastado hasta entonces M$ 1.250" in second
    assert "El gasto informado llega hasta enero de 2024." in second
    assert "Más plazas 15-06-2024" in second
    assert "están solo en el resumen más nuevo" in second
    assert "Compromisos cumplidos 1 de 2 En curso 0 No iniciados 1" in newest
    assert set(Read(site / "programa" / "resumen.html").links) >= set(names)


def test_the_newest_summary_stands_without_the_spending_by_month(make_release: MakeRelease, out: Path) -> None:
    build(make_release({"iniciativa_gasto": "Falló."}), out)
    assert [path.name for path in (out / "programa").glob("resumen-*.html")] == ["resumen-2025-01.html"]


def test_a_year_is_no_amount_in_a_preview(site: Path) -> None:
    assert "<td>2024</td><td>1</td>" in Read(site / "datos" / "iniciativa_gasto.html").source
    assert '<td class="n">1.250</td>' in Read(site / "datos" / "iniciativa_gasto.html").source


def test_regional_initiatives_are_in_no_comuna(site: Path) -> None:
    comuna = Read(site / "iniciativas" / "comuna-13120.html")
    regional = Read(site / "iniciativas" / "regionales.html")
    assert (f"{CODE}.html" in comuna.links, "2401sc0001.html" in comuna.links) == (True, False)
    assert (f"{CODE}.html" in regional.links, "2401sc0001.html" in regional.links) == (False, True)


def test_the_map_says_which_points_are_not_the_place(make_release: MakeRelease, out: Path) -> None:
    exact, *_ = ROWS["iniciativas"]
    codes = {"40000001-0": "SAGIR", "40000002-0": "SAGIR", "40000003-0": "COMUNA", "40000004-0": "COMUNA"}
    outside = "HITOS_DESORDENADOS | PUNTO_FUERA_DE_SU_COMUNA"
    alerts = {"40000001-0": outside, "40000002-0": "PUNTO_FUERA_DE_LA_REGION", "40000003-0": outside}
    build(
        make_release(
            iniciativas=[{**exact, "codigo_iniciativa": code, "origen_punto": each} for code, each in codes.items()],
            iniciativa_trazabilidad=[{"codigo_iniciativa": code, "alertas": each} for code, each in alerts.items()],
        ),
        out,
    )
    page = Read(out / "mapa.html")
    assert "2 vienen del sistema de inversiones (SAGIR), y 1 de ellos cae fuera de la comuna" in page.text
    assert "2 están en cualquier parte de la comuna, no en el lugar exacto" in page.text
    rows = re.findall(r'<tr data-fila="iniciativas:([\d-]+)"(?: data-punto="([^"]+)")?', page.source)
    own = "el punto es uno dentro de la comuna, no el lugar exacto"
    expected = {"40000001-0": "el punto informado cae fuera de su comuna", "40000003-0": own, "40000004-0": own}
    assert dict(rows) == {code: expected.get(code, "") for code in codes}
    assert [page.text.count(f"Ñuñoa {said}") for said in sorted({*expected.values()})] == [2, 1]


def test_a_comuna_says_what_it_gets_and_who_accounts_for_it(make_release: MakeRelease, out: Path) -> None:
    here, regional = ROWS["iniciativas"]
    shared = {**here, "codigo_iniciativa": "40099999-0", "monto_total": 100_000, "gasto_acumulado": None}
    nowhere = {**regional, "codigo_iniciativa": "40088888-0", "alcance": None, "monto_total": 70_000}
    given = ROWS["transferencias"][0]
    mayor = {**given, "rut_ejecutor": "69070500-1"}
    person = {**given, "codigo_iniciativa": "40099999-0", "ejecutor": None, "estado_rendicion": "AL DÍA"}
    build(
        make_release(
            iniciativas=[here, shared, regional, nowhere],
            iniciativas_comunas=[
                *ROWS["iniciativas_comunas"],
                {"codigo_iniciativa": "40099999-0", "cut": "13120", "comuna": "Ñuñoa"},
                {"codigo_iniciativa": "40099999-0", "cut": "13101", "comuna": "Santiago"},
            ],
            transferencias=[
                mayor,
                {**mayor, "id_transferencia": "T-2", "saldo_por_rendir": -900_000, "estado_rendicion": "INCONSISTENTE"},
                {**person, "id_transferencia": "T-3", "saldo_por_rendir": 500},
                {**given, "id_transferencia": "T-4", "codigo_iniciativa": regional["codigo_iniciativa"]},
            ],
        ),
        out,
    )
    nunoa, santiago, region = (
        Read(out / "iniciativas" / f"{name}.html").text for name in ("comuna-13120", "comuna-13101", "regionales")
    )
    assert "Monto total M$ 1.000.000 Gastado hasta ahora M$ 1.250 Transferido M$ 3.000" in nunoa
    # What was accounted for beyond a transfer hides nothing that is owed of the others.
    assert "Falta por rendir M$ 601" in nunoa
    assert "Municipalidad de Ñuñoa 2 2.000.000 800.000 sin dato 600.000 900.000 1" in nunoa
    assert "Personas naturales o sin determinar 1 1.000.000 400.000 sin dato 500 0 0" in nunoa
    assert "Monto total M$ 100.000 Gastado hasta ahora sin dato Transferido M$ 1.000 Falta por rendir M$ 1 " in santiago
    assert "Municipalidad" not in santiago
    money = "Monto total M$ 70.000 Gastado hasta ahora sin dato"
    assert f"{money} Transferido M$ 1.000 Falta por rendir M$ 600" in region


def test_a_dataset_that_is_not_published_is_said_so_where_it_would_stand(make_release: MakeRelease, out: Path) -> None:
    build(make_release(HELD), out)
    said = "«Título de ficha_ciudadana» no está en esta publicación. Falló ficha_ciudadana."
    assert said in Read(out / "fichas" / "index.html").text
    assert "Título de ficha_ciudadana : Falló ficha_ciudadana." in Read(out / "index.html").text
    assert "Falló fuentes." in Read(out / "calidad.html").text
    assert "Falló iniciativas." in Read(out / "mapa.html").text
    assert "Falló iniciativas." in Read(out / "datos" / "iniciativas.html").text
    # What is not known is no zero, and a page tells of its own datasets only.
    assert "0 iniciativas" not in Read(out / "mapa.html").text
    owed = Read(out / "dinero" / "transferencias.html").text
    assert ("Falló transferencias." in owed, "Falló ficha_ciudadana." in owed) == (True, False)
    assert broken(out) == set()


@pytest.mark.parametrize("held", sorted({*ROWS, "conciliacion", "fuentes"}))
def test_the_site_holds_together_without_any_one_dataset(make_release: MakeRelease, out: Path, held: str) -> None:
    build(make_release({held: "Falló."}), out)
    assert broken(out) == set()


def test_what_is_kept_from_an_earlier_release_says_so_where_citizens_look(make_release: MakeRelease, out: Path) -> None:
    folder = make_release()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    dataset = next(each for each in manifest["conjuntos"] if each["nombre"] == "ficha_ciudadana")
    dataset["conservado"] = {"publicacion": "2024-11-30-ab", "fecha_corte": "2024-11-30", "motivo": "Falló un control."}
    # The release that it is kept from did not say when its files came.
    del dataset["recibido_en"]
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    build(folder, out)
    said = "no son nuevas. Cifras de la publicación 2024-11-30-ab. Falló un control."
    assert said in Read(out / "fichas" / "02-2024-12.html").text
    dataset_page = Read(out / "datos" / "ficha_ciudadana.html").text
    assert "como en la publicación 2024-11-30-ab" in dataset_page
    assert '"dateModified": "2024-11-30"' in Read(out / "datos" / "ficha_ciudadana.html").source


def test_a_dataset_says_where_its_files_are_to_people_and_to_search_engines(
    make_release: MakeRelease, out: Path
) -> None:
    release = make_release()
    build(release, out)
    page = Read(out / "datos" / "fuentes.html")
    files = {each["nombre"]: each for each in json.loads((release / "manifest.json").read_text("utf-8"))["archivos"]}
    assert files["fuentes.csv"]["sha256"] in page.text
    assert "https://datos.example/releases/latest/fuentes.csv" in page.text
    schema = page.json_ld
    assert schema["distribution"][0]["contentUrl"] == f"https://datos.example/releases/{release.name}/fuentes.csv"
    assert 50 <= len(schema["description"]) <= 5000
    assert schema["dateModified"] == "2025-02-03T08:30:00Z"
    assert schema["includedInDataCatalog"]["url"] == "https://datos.example/releases/latest/catalogo.ttl"
    assert "No pasa." in page.text
    # In the words of the release, so that they are the same everywhere.
    assert "Gobierno de Santiago: «fuentes»." in page.text
    assert "bigint en palabras" in page.text


def test_a_dataset_names_its_key_where_the_release_holds_one_unique(site: Path) -> None:
    said = {name: Read(site / "datos" / f"{name}.html").text for name in ("iniciativas", "conciliacion")}
    assert "Una fila es única por: codigo_iniciativa ." in said["iniciativas"]
    assert "Una fila es única por: anio , programa , subtitulo , item ." in said["conciliacion"]
    masked = Read(site / "datos" / "pagos_proveedores.html").text
    assert "única por" not in masked
    assert "No tiene una clave" in masked


def test_the_pages_of_a_release_from_before_its_words_were_in_it_stand(make_release: MakeRelease, out: Path) -> None:
    release = make_release()
    for name in ("manifest.json", "diccionario.json"):
        content = json.loads((release / name).read_text("utf-8"))
        content.pop("temas", None)
        for dataset in content["conjuntos"]:
            dataset.pop("cita", None)
            dataset.pop("recibido_en", None)
            if name == "manifest.json":
                dataset["columnas"] = [each for each in dataset["columnas"] if each != "nombre_subtitulo"]
            else:
                dataset["columnas"] = [each for each in dataset["columnas"] if each["nombre"] != "nombre_subtitulo"]
                for column in dataset["columnas"]:
                    del column["tipo_en_palabras"]
        (release / name).write_text(json.dumps(content), "utf-8")
    budget, fewer = release / "ejecucion_presupuestaria.parquet", release / "fewer.parquet"
    with duckdb.connect() as con:
        con.execute(f"copy (select * exclude (nombre_subtitulo) from '{budget}') to '{fewer}'")
    fewer.replace(budget)
    build(release, out)
    assert "31 M$ 1.250 de M$ 1.000" in Read(out / "dinero" / "02-2024.html").text
    text = Read(out / "datos" / "fuentes.html").text
    assert "licencia CC BY 4.0" in text
    assert ("Cítelos así" in text, "en palabras" in text) == (False, False)


def test_a_release_built_again_gives_the_same_bytes_and_writes_nothing(make_release: MakeRelease, out: Path) -> None:
    release = make_release()
    build(release, out)
    first = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.rglob("*.html")}
    build(release, out)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.rglob("*.html")} == first
    other = out.with_name("other")
    build(release, other)
    shutil.rmtree(out)
    build(release, out)
    assert {path: path.read_bytes() for path in out.rglob("*.html")} == {
        path: text for path, (text, _) in first.items()
    }


def test_a_page_that_was_damaged_is_put_right(make_release: MakeRelease, out: Path) -> None:
    release = make_release()
    build(release, out)
    place = out / "iniciativas" / f"{CODE}.html"
    first = place.read_bytes()
    place.write_text("viejo")
    (out / "mapa.html").unlink()
    build(release, out)
    assert place.read_bytes() == first
    assert (out / "mapa.html").is_file()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of pages that were made, each time."""
    names: list[str] = []

    def watched(kind: Kind) -> Kind:
        def pages(contents):  # type: ignore[no-untyped-def]
            names.append(kind.name)
            yield from kind.pages(contents)

        return Kind(kind.name, kind.reads, pages, kind.of_release)

    monkeypatch.setattr("portal.build.KINDS", tuple(map(watched, KINDS)))
    return names


def change(release: Path, name: str, old: str, new: str) -> None:
    text = (release / name).read_text("utf-8")
    assert old in text
    (release / name).write_text(text.replace(old, new), "utf-8")


def test_a_change_of_one_dataset_makes_again_what_it_touches(
    make_release: MakeRelease, out: Path, made: list[str]
) -> None:
    release = make_release()
    build(release, out)
    shutil.rmtree(release)
    release = make_release(compromisos_programa=[{**ROWS["compromisos_programa"][0], "avance": 50}])
    made.clear()
    build(release, out)
    # It has the same id: only what reads the dataset is made.
    assert made == ["iniciativas"]


def test_another_release_of_the_same_data_makes_again_what_names_it_or_links_to_it(
    make_release: MakeRelease, out: Path, made: list[str]
) -> None:
    release = make_release()
    build(release, out)
    other = "2025-02-28-abcdef012345"
    for name in ("manifest.json", "datapackage.json"):
        change(release, name, release.name, other)
    release = release.rename(release.with_name(other))
    made.clear()
    build(release, out)
    assert made == [kind.name for kind in KINDS if kind.of_release]
    renewed = {path: path.read_bytes() for path in out.rglob("*.html")}
    shutil.rmtree(out)
    build(release, out)
    assert {path: path.read_bytes() for path in out.rglob("*.html")} == renewed


def test_other_words_of_the_dictionary_or_of_a_notice_make_again_the_pages_that_show_them(
    make_release: MakeRelease, out: Path, made: list[str]
) -> None:
    release = make_release({"contraste_fichas": "Falló."})
    build(release, out)
    made.clear()
    change(release, "diccionario.json", "lo rendido supera lo transferido", "se rindió de más")
    build(release, out)
    # The map has one of that dataset's alerts.
    assert made == ["iniciativas", "mapa"]
    assert "En alguna transferencia se rindió de más." in Read(out / "iniciativas" / f"{CODE}.html").text
    made.clear()
    change(release, "manifest.json", "T\\u00edtulo de contraste_fichas", "Fichas impresas")
    build(release, out)
    assert made == ["fichas"]
    assert "«Fichas impresas» no está en esta publicación." in Read(out / "fichas" / "index.html").text


def test_a_page_of_what_is_gone_goes_too(make_release: MakeRelease, out: Path) -> None:
    release = make_release()
    build(release, out)
    (out / "fichas" / "02-2024-12.pdf").write_text("x")
    (out / "de-otro.txt").write_text("x")
    shutil.rmtree(release)
    build(make_release(ficha_ciudadana=[row for row in ROWS["ficha_ciudadana"] if row["programa"] == "01"]), out)
    assert not (out / "fichas" / "02-2024-12.html").exists()
    assert not (out / "fichas" / "02-2024-12.pdf").exists()
    assert (out / "de-otro.txt").exists()


def test_two_pages_of_one_name_are_refused(
    make_release: MakeRelease, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = [
        Kind(name, (), lambda _: iter([Page("glosario.html", "glosario.html", {"terminos": []})])) for name in "ab"
    ]
    monkeypatch.setattr("portal.build.KINDS", tuple(twice))
    with pytest.raises(OldPagesError) as raised:
        build(make_release(), out)
    assert str(raised.value.__cause__) == "two pages want glosario.html"


def test_a_kind_that_fails_leaves_its_own_pages_as_they_were_and_no_other_s(
    make_release: MakeRelease, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = make_release()
    build(release, out)
    first = (out / "mapa.html").read_bytes()
    shutil.rmtree(release)
    renamed = [{**row, "nombre": "Plaza nueva"} for row in ROWS["iniciativas"]]
    release = make_release(iniciativas=renamed)

    def fails(_: object) -> Iterator[Page]:
        yield Page("mapa.html", "glosario.html", {"terminos": []})
        raise KeyError("Rosa Díaz")

    broken_map = [Kind("mapa", kind.reads, fails) if kind.name == "mapa" else kind for kind in KINDS]
    monkeypatch.setattr("portal.build.KINDS", tuple(broken_map))
    with pytest.raises(OldPagesError) as raised:
        build(release, out)
    assert str(raised.value) == "these pages are old or missing, and all the others are new: mapa (KeyError)"
    assert (out / "mapa.html").read_bytes() == first
    assert "Plaza nueva" in Read(out / "iniciativas" / f"{CODE}.html").text
    monkeypatch.undo()
    build(release, out)
    assert "Plaza nueva" in Read(out / "mapa.html").text


def test_a_folder_that_is_no_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"manifest\.json"):
        build(tmp_path, tmp_path / "portal")


def test_all_may_read_the_pages_however_private_the_process_that_writes_them_is(
    make_release: MakeRelease, out: Path
) -> None:
    release = make_release()
    before = os.umask(0o077)
    try:
        build(release, out)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in [out, *out.rglob("*")] if path.is_dir()} == {0o755}
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.rglob("*") if path.is_file()} == {0o644}


def test_pages_are_small(site: Path) -> None:
    sizes = {path.relative_to(site).as_posix(): path.stat().st_size for path in site.rglob("*.html")}
    style = (site / "estilo.css").stat().st_size
    assert {path: size for path, size in sizes.items() if path.startswith("fichas/") and size + style > 60_000} == {}
    assert {path: size for path, size in sizes.items() if path.endswith("index.html") and size + style > 100_000} == {}


@pytest.mark.slow
def test_two_thousand_initiatives_are_built_within_a_minute(make_release: MakeRelease, out: Path) -> None:
    codes = "select (40000000 + n) || '-0' as codigo_iniciativa, n from range(2000) t(n)"
    release = make_release(
        iniciativas=f"select codigo_iniciativa, 'Reposición de la plaza ' || n as nombre, 'Ñuñoa' as comunas, "
        f"'COMUNAL' as alcance, 'EN EJECUCIÓN' as estado, n as monto_total, date '2025-01-31' as fecha_corte "
        f"from ({codes})",
        iniciativas_comunas=f"select codigo_iniciativa, 13101 + n % 52 as cut, 'Comuna ' || n % 52 as comuna "
        f"from ({codes})",
        iniciativa_hitos=f"select codigo_iniciativa, orden, 'CONVENIO' as hito, date '2024-01-01' as fecha "
        f"from ({codes}), range(1, 8) o(orden)",
        iniciativa_gasto=f"select codigo_iniciativa, 2023 + m // 12 as anio, 1 + m % 12 as mes, n as gasto_real "
        f"from ({codes}), range(24) m(m)",
        iniciativa_trazabilidad=f"select codigo_iniciativa, n as monto_facturado, 0 as cantidad_alertas from ({codes})",
        transferencias=f"select 'T-' || n || '-' || m as id_transferencia, codigo_iniciativa, n as monto_transferido "
        f"from ({codes}), range(12) m(m)",
        pagos_proveedores=f"select '33' as tipo_documento, n * 100 + m as folio, codigo_iniciativa, n as monto_total "
        f"from ({codes}), range(20) m(m)",
    )
    start = time.monotonic()
    build(release, out)
    assert time.monotonic() - start < 60
    assert len(list((out / "iniciativas").glob("4*.html"))) == 2000
    assert (out / "iniciativas" / "index.html").stat().st_size < 100_000
    assert len(gzip.compress((out / "mapa.html").read_bytes() + (out / "estilo.css").read_bytes())) < 290_000


def test_what_was_accounted_for_beyond_a_transfer_hides_no_debt_of_the_others(make_release: MakeRelease) -> None:
    one = ROWS["transferencias"][0]
    contents = Contents(
        make_release(
            transferencias=[
                {**one, "id_transferencia": name, "rut_ejecutor": rut, "saldo_por_rendir": left}
                for name, rut, left in (
                    ("T-1", "69000001-1", 600_000),
                    ("T-2", "69000001-1", -900_000),
                    ("T-3", "69000002-K", -5),
                    ("T-4", None, 7),
                    ("T-5", None, None),
                )
            ]
        )
    )
    (page,) = (each for each in dinero.KIND.pages(contents) if each.path == "dinero/transferencias.html")
    owing = [(row["rut_ejecutor"], row["por_rendir"], row["rendido_de_mas"]) for row in page.values["saldos"]]
    assert owing == [("69000001-1", 600_000, 900_000), (None, 7, 0)]
    assert [(row["por_rendir"], row["rendido_de_mas"]) for row in page.values["anios"]] == [(600_007, 900_005)]


@pytest.mark.parametrize(
    ("told", "mean"),
    [([82, *[0] * 79], "1.03"), ([*[100] * 79, "99.99"], "99.99"), ([100, 100], "100.00"), ([None], None)],
)
def test_mean_progress_is_rounded_half_up_and_complete_only_where_all_is(
    told: list[Any], mean: str | None, make_release: MakeRelease
) -> None:
    one = ROWS["compromisos_programa"][0]
    rows = [{**one, "compromiso": f"PG-{number}", "avance": each} for number, each in enumerate(told)]
    found = Contents(make_release(compromisos_programa=rows)).rows(resumen.NOW, "compromisos_programa")
    assert {row["avance_promedio"] for row in found} == {Decimal(mean) if mean else None}


def test_a_site_keeps_the_scripts_that_it_once_got(make_release: MakeRelease, out: Path, tmp_path: Path) -> None:
    release = make_release()
    build(release, out)
    assert "web/mapa.js" not in Read(out / "mapa.html").fetched
    scripts = tmp_path / "dist"
    scripts.mkdir()
    (scripts / "mapa.js").write_text("1")
    build(release, out, scripts)
    assert "web/mapa.js" in Read(out / "mapa.html").fetched
    assert (out / "web" / "mapa.js").read_text() == "1"
    build(release, out)
    assert "web/mapa.js" in Read(out / "mapa.html").fetched
    assert broken(out) == set()


def test_the_address_of_the_newest_sheet_leads_to_it(make_release: MakeRelease, out: Path) -> None:
    build(make_release(ficha_ciudadana=[row for row in ROWS["ficha_ciudadana"] if row["programa"] == "01"]), out)
    assert "fichas/01-2024-12.html" in Read(out / "ficha-01.html").links
    assert "Esta publicación no trae datos del programa 02." in Read(out / "ficha-02.html").text
