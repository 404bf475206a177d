"""SQL that carries a change of the budget back to its source and on to what is computed from it.

A bad row that only one check may see must fit everything else: what the source says of it, and what others make of it.
"""

_FILE = "'presupuesto/ejecucion_2023_' || mes || '_02.csv'"
_AMOUNTS = ("presupuesto_inicial", "presupuesto_vigente", "ejecucion_acumulada")
_SUMS = ", ".join(f"sum({amount}) as {amount}" for amount in _AMOUNTS)
_BLOCK = "anio, mes, '31' as partida, '13' as capitulo, programa, subtitulo"

#: The source has the lines of the published execution, and above them their sums.
BUDGET_AT_SOURCE = f"""
delete from staging.stg_presupuesto_ejecucion;
insert into staging.stg_presupuesto_ejecucion by name
select {_BLOCK}, item, asignacion, moneda, {", ".join(_AMOUNTS)}, {_FILE} as _archivo
from marts.ejecucion_presupuestaria;
insert into staging.stg_presupuesto_ejecucion by name
select {_BLOCK}, item, moneda, {_SUMS}, {_FILE} as _archivo
from marts.ejecucion_presupuestaria where asignacion is not null group by all;
insert into staging.stg_presupuesto_ejecucion by name
select {_BLOCK}, moneda, {_SUMS}, {_FILE} as _archivo
from marts.ejecucion_presupuestaria where item is not null group by all
"""

#: The sheets sum the published execution.
SHEETS_OF_BUDGET = """
delete from marts.ficha_ciudadana;
insert into marts.ficha_ciudadana
select
    anio, mes, programa, case when grouping(subtitulo) = 1 then 'TOTAL' else subtitulo end,
    'Nombre del subtítulo', 'En qué se gasta.', sum(presupuesto_vigente), sum(ejecucion_acumulada),
    cast(100.0 * sum(ejecucion_acumulada) / sum(presupuesto_vigente) as decimal(18, 2))
from marts.ejecucion_presupuestaria
where tipo = 'GASTO'
group by grouping sets ((anio, mes, programa, subtitulo), (anio, mes, programa))
"""
