"""What a user would write with pandas for the way of the floor: the same files read, the same tables written.

A file at a time, vectorised, with pandas' own text type; each step looks only at the rows that the one before could not
read. The same things are left out as in floor.py.

Usage: python -m bench.in_pandas EXPORTS FOLDER
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from bench import outputs
from bench.sources import ACCOUNTS, BUDGET, MONTHS, NULLS, OFFICIAL, ORDERS, PAYMENTS, REGISTER, TRANSFERS, Source

_DATES = ["%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%d-%m-%y"]
_TIMES = ["%d/%m/%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y %H:%M:%S"]
_WEIGHTS = (2, 3, 4, 5, 6, 7, 2, 3)
_CUT_OFF = pd.Timestamp("2025-02-28")
_RENDERED = ["monto_rendido", "monto_aprobado", "monto_observado", "monto_rechazado", "monto_reintegrado"]
_VOID = ["RECLAMADA", "ANULADA"]


def _text(x: pd.Series) -> pd.Series:
    x = x.mask(x.isin(NULLS) | x.str.startswith("#"))
    return x.str.replace(r"\s+", " ", regex=True) if x.str.contains("\n|  ", regex=True).any() else x


def _pesos(x: pd.Series) -> pd.Series:
    value = pd.to_numeric(x.where(x.str.isdigit()), errors="coerce").astype("Int64")
    rest = x[value.isna() & (x != "")]
    dressed = rest[rest.str.fullmatch(r"\$? ?[0-9]{1,3}(?:[.,][0-9]{3})*(?:[.,]00)?")]
    numbers = dressed.str.replace(r"[.,]00$", "", regex=True).str.replace(r"[^0-9]", "", regex=True)
    value.loc[dressed.index] = pd.to_numeric(numbers).astype("Int64")
    value.loc[rest.index[rest.str.fullmatch(r"\$ *-")]] = 0
    return value


def _moment(x: pd.Series, formats: list[str]) -> pd.Series:
    value = pd.Series(pd.NaT, index=x.index, dtype="datetime64[us]")
    rest = x[x != ""]
    for form in formats:
        read = pd.to_datetime(rest, format=form, errors="coerce").dropna()
        value.loc[read.index] = read.astype("datetime64[us]")
        rest = rest.drop(read.index)
        if rest.empty:
            break
    return value


def _date(x: pd.Series) -> pd.Series:
    x = x.mask(x.isin([*NULLS, "1900-01-01"]), "")
    value = _moment(x, _DATES)
    rest = x[value.isna() & (x != "")]
    serial = rest[rest.str.fullmatch("[0-9]{5}")]
    value.loc[serial.index] = pd.Timestamp("1899-12-30") + pd.to_timedelta(serial.astype(int), unit="D")
    named = rest[rest.str.len() == 9]
    months = {name: f"{number:02}" for number, name in enumerate(MONTHS, 1)}
    spelled = "20" + named.str[7:9] + "-" + named.str[3:6].map(months) + "-" + named.str[:2]
    value.loc[named.index] = pd.to_datetime(spelled, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    return value


def _rut(x: pd.Series) -> pd.Series:
    plain = x.str.replace(r"[. -]", "", regex=True).str.upper()
    number = pd.to_numeric(plain.str[:-1], errors="coerce").fillna(0).to_numpy(np.int64)
    total = sum(number // 10**place % 10 * weight for place, weight in enumerate(_WEIGHTS))
    digit = pd.Series(np.array(list("0K987654321"))[total % 11], index=x.index, dtype="str")
    return (plain.str[:-1] + "-" + digit).where((plain.str[-1:] == digit) & (number > 0))


def _month(x: pd.Series) -> pd.Series:
    dashed = x.str[4] == "-"
    return x.where(dashed, (x.str[3:] + "-" + x.str[:2]).where(x.str[2] == "-", x.str[:4] + "-" + x.str[4:]))


_READERS: dict[str, Callable[[pd.Series], pd.Series]] = {
    "text": _text,
    "pesos": _pesos,
    "date": _date,
    "rut": _rut,
    "month": _month,
    "timestamp": lambda x: _moment(x, _TIMES),
    "code2": lambda x: x.str.zfill(2).where(x != ""),
    "code3": lambda x: x.str.zfill(3).where(x != ""),
    "initiative": lambda x: x.where(x.str.fullmatch("[0-9]{8}-[0-9]{1,2}|[0-9]{4}[A-Z]{2,5}[0-9]{2,4}")),
    "integer": lambda x: pd.to_numeric(x, errors="coerce").astype("Int64"),
    "decimal": lambda x: pd.to_numeric(x.str.replace(",", "."), errors="coerce"),
    "flag": lambda x: x.str.upper().map({"SI": True, "NO": False}).astype("boolean"),
}


def _value(x: pd.Series, kind: str) -> pd.Series:
    x = x.str.strip()
    if "|" in kind:
        upper = x.str.upper()
        return upper.where(upper.isin(kind.split("|")))
    return _READERS[kind](x)


def _read(source: Source, exports: Path, raw: Path) -> pd.DataFrame:
    accepted, rejected = [], []
    cell, pattern = source.data
    needed = [column.name for column in source.columns if column.need]
    for path in sorted(exports.glob(source.files)):
        cells = pd.read_csv(
            path, sep=source.delimiter, header=None, names=source.cells, dtype=str, encoding=source.encoding,
            keep_default_na=False, na_values=[],
        )  # fmt: skip
        cells = cells[cells[cell].str.fullmatch(pattern, flags=re.DOTALL).fillna(False).astype(bool)]
        cells = cells.drop_duplicates(ignore_index=True)
        rows = pd.DataFrame({column.name: _value(cells[column.name], column.kind) for column in source.columns})
        good = rows[needed].notna().all(axis=1)
        contradicted = good & rows.index.isin(rows[good].index[rows[good].duplicated(list(source.key), keep=False)])
        accepted.append(rows[good & ~contradicted].assign(archivo=path.name))
        rejected.append(rows[~good | contradicted].assign(archivo=path.name))
    whole = pd.concat(accepted, ignore_index=True)
    whole.to_parquet(raw / f"{source.export}.parquet", compression="zstd", index=False)
    pd.concat(rejected).to_parquet(raw / f"{source.export}_rechazadas.parquet", compression="zstd", index=False)
    return whole


def _read_xml(exports: Path, raw: Path) -> pd.DataFrame:
    found = pd.DataFrame(
        [row for path in sorted(exports.glob("dte/*.xml")) for row in outputs.read_xml(path)], dtype="str"
    )
    for name in ("folio", "monto_neto", "monto_exento", "monto_iva", "monto_total"):
        found[name] = pd.to_numeric(found[name]).astype("Int64")
    found["fecha_emision"] = pd.to_datetime(found["fecha_emision"], format="%Y-%m-%d").astype("datetime64[us]")
    found["rut_proveedor"] = _rut(found["rut_proveedor"])
    found.to_parquet(raw / "dte_xml.parquet", compression="zstd", index=False)
    return found


def _public(rut: pd.Series) -> pd.Series:
    number = pd.to_numeric(rut.str[:-2], errors="coerce")
    return number.between(50_000_000, 99_999_999)


def _join(register: pd.DataFrame, payments: pd.DataFrame, xml: pd.DataFrame) -> pd.DataFrame:
    key = list(REGISTER.key)
    register = register.drop_duplicates(key, keep="last").drop(columns="archivo")
    payments = payments.drop_duplicates(key, keep="last").drop(columns="archivo").assign(en_pagos=True)
    found = register.merge(payments, on=key, how="outer").merge(xml, on=key, how="outer", suffixes=("", "_xml"))
    found["proveedor"] = found["razon_social"].fillna(found["razon_social_xml"])
    for name in ("fecha_emision", "monto_neto", "monto_iva", "monto_total", "orden_compra"):
        found[name] = found[name].fillna(found[f"{name}_xml"])
    credit = found["tipo_documento"] == "61"
    for name in ("monto_neto", "monto_iva", "monto_total"):
        found[name] = found[name].mask(credit, -found[name].abs())
    found["fecha_recepcion"] = found["fecha_recepcion"].dt.normalize()
    found["dias_pago"] = (found["fecha_pago"] - found["fecha_recepcion"]).dt.days.astype("Int64")
    found["cedida"] = found["rut_cesionario"].notna().astype("boolean").where(found["en_pagos"].notna())
    paid = found["fecha_pago"].notna()
    in_time = (found["dias_pago"] <= 30).astype("boolean")
    late = ~paid & (found["estado"] != "PAGADA") & ((_CUT_OFF - found["fecha_recepcion"]).dt.days > 30)
    in_time = in_time.where(paid).mask(late, False)
    found["dentro_plazo"] = in_time.mask(credit | found["estado"].isin(_VOID))
    return found


def _timely(documents: pd.DataFrame) -> pd.DataFrame:
    paid = documents[
        documents["tipo_documento"].isin(["33", "34", "46", "56"])
        & ~documents["estado"].isin(_VOID)
        & documents["fecha_pago"].notna()
    ]
    groups = paid.groupby(
        [paid["fecha_pago"].dt.year.rename("anio"), paid["fecha_pago"].dt.month.rename("mes"), "programa"], sort=True
    )
    made = groups.agg(
        documentos_pagados=("folio", "size"),
        documentos_en_plazo=("dentro_plazo", "sum"),
        dias_promedio=("dias_pago", "mean"),
        dias_mediana=("dias_pago", "median"),
        monto_pagado=("monto_pagado", "sum"),
    )
    made["dias_p90"] = groups["dias_pago"].quantile(0.9)
    made = made.round({"dias_promedio": 2, "dias_mediana": 2, "dias_p90": 2})
    made["porcentaje_en_plazo"] = (made["documentos_en_plazo"] / made["documentos_pagados"] * 100).round(2)
    return made.reset_index()


def _reconciled(documents: pd.DataFrame, transfers: pd.DataFrame, exports: Path) -> pd.DataFrame:
    line = ["anio", "programa", "subtitulo", "item"]
    accrued = documents[documents["fecha_devengo"].notna() & ~documents["estado"].isin(_VOID)]
    accrued = accrued.assign(anio=accrued["fecha_devengo"].dt.year, dte=accrued["monto_total"])
    given = transfers.assign(
        anio=transfers["fecha_transferencia"].dt.year, transferencias=transfers["monto_transferido"]
    )
    spent = []
    for path in sorted(exports.glob("presupuesto/*.csv")):
        year, month = path.stem.split("_")[1:3]
        if month == "12" or (year, month) == ("2025", "01"):
            told = pd.read_csv(
                path, sep=";", header=0, names=BUDGET, dtype=str, encoding="latin-1", keep_default_na=False
            )
            leaf = (told["item"] != "") & ((told["asignacion"] != "") | told["subtitulo"].isin(["21", "22", "29"]))
            told = told[leaf & told["subtitulo"].between("21", "35")]
            spent.append(told.assign(anio=int(year), ejecutado=told["ejecutado"].astype(int)))
    parts = pd.concat(
        [pd.concat(spent)[[*line, "ejecutado"]], accrued[[*line, "dte"]], given[[*line, "transferencias"]]]
    )
    made = parts.groupby(line, dropna=False).agg(
        ejecutado=("ejecutado", lambda x: x.sum(min_count=1)),
        dte=("dte", "sum"),
        transferencias=("transferencias", "sum"),
    )
    made["respaldo_dte"] = (made["dte"] + 500) // 1000
    made["respaldo_transferencias"] = (made["transferencias"] + 500) // 1000
    made["respaldo_total"] = (made["dte"] + made["transferencias"] + 500) // 1000
    made["diferencia"] = made["ejecutado"] - made["respaldo_total"]
    made["porcentaje_respaldado"] = (made["respaldo_total"] / made["ejecutado"] * 100).round(2)
    return made.drop(columns=["dte", "transferencias"]).reset_index()


def _orders(lines: pd.DataFrame) -> pd.DataFrame:
    made = lines.groupby("codigo_oc", sort=True).agg(
        {name: "first" for name in lines.columns if name not in ("codigo_oc", "archivo", "id_item", "total_linea_neto")}
        | {"id_item": "size", "total_linea_neto": "sum"}
    )
    made = made.rename(columns={"id_item": "lineas", "total_linea_neto": "total_lineas_neto"}).reset_index()
    made["proveedor"] = made["razon_social"].where(_public(made["rut_proveedor"]))
    made["rut_proveedor"] = made["rut_proveedor"].where(_public(made["rut_proveedor"]))
    return made.drop(columns=["razon_social", "fecha_aceptacion", "codigo_onu", "cantidad", "precio_neto"])


def _transfers(transfers: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    sums = accounts.groupby("id_transferencia").agg(
        dict.fromkeys(_RENDERED, "sum") | {"fecha_envio": "max"}
    ).reset_index()  # fmt: skip
    made = transfers.drop(columns=["archivo", "fecha_resolucion"]).merge(sums, on="id_transferencia", how="left")
    made[_RENDERED] = made[_RENDERED].fillna(0)
    made["saldo_por_rendir"] = made["monto_transferido"] - made["monto_rendido"] - made["monto_reintegrado"]
    closed = made["monto_transferido"] - made["monto_aprobado"] - made["monto_reintegrado"] == 0
    recent = made[["fecha_transferencia", "fecha_envio"]].max(axis=1) >= _CUT_OFF - pd.Timedelta(days=90)
    made["estado_rendicion"] = np.select(
        [made["saldo_por_rendir"] < 0, closed, (made["saldo_por_rendir"] > 0) & ~recent],
        ["INCONSISTENTE", "CERRADA", "ATRASADA"],
        "AL DÍA",
    )
    made["ejecutor"] = made["nombre_ejecutor"].where(_public(made["rut_ejecutor"]))
    made["rut_ejecutor"] = made["rut_ejecutor"].where(_public(made["rut_ejecutor"]))
    return made.drop(columns=["nombre_ejecutor", "fecha_envio"]).sort_values("id_transferencia")


def _traced(
    exports: Path, documents: pd.DataFrame, orders: pd.DataFrame, transfers: pd.DataFrame, official: pd.DataFrame
) -> pd.DataFrame:
    code = "codigo_iniciativa"
    portfolio = pd.read_csv(
        exports / "sagir" / "iniciativas_20250131.csv", sep=";", dtype=str, encoding="cp1252", keep_default_na=False
    )
    portfolio = portfolio.rename(
        columns={"Código BIP": code, "Nombre Iniciativa": "nombre", "ID Licitación": "id_licitacion"}
    )[[code, "nombre", "id_licitacion"]]  # fmt: skip
    own = documents[documents[code].notna()]
    valid = own[~own["estado"].isin(_VOID)]
    valid = valid.assign(
        pagado=valid["monto_pagado"].mask(valid["tipo_documento"] == "61", -valid["monto_pagado"].abs())
    )
    billed = valid.groupby(code).agg(
        documentos_dte=("folio", "size"), monto_facturado=("monto_total", "sum"), monto_pagado=("pagado", "sum")
    )
    named = own.loc[own["orden_compra"].notna(), [code, "orden_compra"]].rename(columns={"orden_compra": "codigo_oc"})
    tendered = portfolio.merge(orders[["codigo_oc", "id_licitacion"]].dropna(), on="id_licitacion")[[code, "codigo_oc"]]
    linked = pd.concat([named, tendered]).drop_duplicates().merge(orders[["codigo_oc", "monto_total"]], on="codigo_oc")
    ordered = linked.groupby(code)["monto_total"].sum().rename("monto_ordenes_compra")
    given = transfers.groupby(code)[["monto_transferido", "monto_rendido"]].sum()
    papers = official.groupby(code).size().rename("documentos_sgd")
    made = portfolio.drop(columns="id_licitacion").set_index(code).join([ordered, billed, given, papers])
    numbers = made.columns.drop("nombre")
    made[numbers] = made[numbers].fillna(0)
    return made.sort_index().reset_index()


def run(exports: Path, folder: Path) -> None:
    """Goes the whole way; what it found is in FOLDER/found.json."""
    raw, release = folder / "raw", folder / "release"
    for place in (raw, release):
        place.mkdir(parents=True)
    costs = outputs.Costs()
    with costs.of("hashes"):
        outputs.hash_files(exports)
    with costs.of("reading"):
        register, payments, lines, papers, given, accounts = (
            _read(source, exports, raw) for source in (REGISTER, PAYMENTS, ORDERS, OFFICIAL, TRANSFERS, ACCOUNTS)
        )
    with costs.of("reading XML"):
        xml = _read_xml(exports, raw)
    with costs.of("joining"):
        documents = _join(register, payments, xml)
        del register, payments
    with costs.of("tables"):
        public = _public(documents["rut_proveedor"])
        published = documents.assign(
            rut_proveedor=documents["rut_proveedor"].where(public),
            proveedor=documents["proveedor"].where(public),
            tipo_persona=np.where(public, "JURIDICA", "NATURAL_O_NO_DETERMINADA"),
        )[_PUBLISHED].sort_values(["fecha_recepcion", "tipo_documento", "folio", "rut_proveedor"])
        papers = papers.drop_duplicates("id_documento", keep="last").sort_values("id_documento").drop(columns="archivo")
        papers["dias_tramitacion"] = (
            papers["fecha_termino"].dt.normalize() - papers["fecha_creacion"].dt.normalize()
        ).dt.days
        orders, transfers = _orders(lines), _transfers(given, accounts)
        tables = {
            "pagos_proveedores": published,
            "pago_oportuno": _timely(documents),
            "conciliacion": _reconciled(documents, given, exports),
            "compras": orders,
            "documentos": papers,
            "rendiciones": accounts.drop(columns="archivo").sort_values(list(ACCOUNTS.key)),
            "transferencias": transfers,
            "iniciativa_trazabilidad": _traced(exports, documents, orders, transfers, papers),
        }
        for name, table in tables.items():
            _write(table, release / f"{name}.parquet")
    told = {name: len(table) for name, table in tables.items()}
    told["monto_total"] = int(documents["monto_total"].sum())
    del documents, published, tables
    files = [release / f"{name}.parquet" for name in told if name != "monto_total"]
    for name, write in (("workbooks", outputs.write_workbook), ("zips", outputs.write_zip)):
        with costs.of(name):
            for file in files:
                write(file)
    with costs.of("DuckDB file"):
        outputs.write_warehouse(files, release / "bodega.duckdb")
    with costs.of("hashes"):
        outputs.hash_files(release)
    outputs.finish(folder, costs, told)


_PUBLISHED = [
    "rut_proveedor",
    "proveedor",
    "tipo_persona",
    "tipo_documento",
    "folio",
    "fecha_emision",
    "fecha_recepcion",
    "fecha_devengo",
    "fecha_pago",
    "dias_pago",
    "dentro_plazo",
    "estado",
    "monto_neto",
    "monto_iva",
    "monto_total",
    "programa",
    "subtitulo",
    "item",
    "asignacion",
    "codigo_iniciativa",
    "orden_compra",
    "cedida",
]


def _write(table: pd.DataFrame, parquet: Path) -> None:
    for name in table.columns:
        if name.startswith("fecha") and name not in ("fecha_creacion", "fecha_termino"):
            table = table.assign(**{name: table[name].astype("date32[pyarrow]")})
    table.to_parquet(parquet, compression="zstd", row_group_size=outputs.ROW_GROUP_ROWS, index=False)
    table.to_csv(parquet.with_suffix(".csv"), index=False)


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
