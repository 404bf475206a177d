-- A parent of the budget equals the sum of its children within 2 M$ (source: contract of presupuesto_ejecucion; true of
-- 31 of 31 real files). More than that means rows lost or changed on the way, and sums of leaves that are not true.
{% set tolerancia = 2 %}

with niveles as (
    select * from {{ ref('int_presupuesto_niveles') }}
    -- A file with rejected rows or unreadable cells lacks what they held: the checks before the release name that, as a
    -- warning.
    where
        _archivo not in (select archivo from {{ ref('stg_filas_rechazadas') }})
        and _archivo not in (select archivo from {{ ref('stg_observaciones') }})
)

select
    padre.anio,
    padre.mes,
    padre.partida,
    padre.capitulo,
    padre.programa_origen,
    padre.subtitulo,
    padre.item,
    padre.presupuesto_inicial - sum(hijo.presupuesto_inicial) as diferencia_inicial,
    padre.presupuesto_vigente - sum(hijo.presupuesto_vigente) as diferencia_vigente,
    padre.ejecucion_acumulada - sum(hijo.ejecucion_acumulada) as diferencia_ejecucion
from niveles as padre
inner join niveles as hijo
    on
        padre.anio = hijo.anio
        and padre.mes = hijo.mes
        and padre.partida = hijo.partida
        and padre.capitulo = hijo.capitulo
        and padre.programa_origen = hijo.programa_origen
        and padre.subtitulo = hijo.subtitulo
        and padre.moneda = hijo.moneda
        and padre.nivel = hijo.nivel - 1
        and (padre.nivel = 1 or padre.item = hijo.item)
group by
    padre.anio,
    padre.mes,
    padre.partida,
    padre.capitulo,
    padre.programa_origen,
    padre.subtitulo,
    padre.item,
    padre.presupuesto_inicial,
    padre.presupuesto_vigente,
    padre.ejecucion_acumulada
having
    abs(padre.presupuesto_inicial - sum(hijo.presupuesto_inicial)) > {{ tolerancia }}
    or abs(padre.presupuesto_vigente - sum(hijo.presupuesto_vigente)) > {{ tolerancia }}
    or abs(padre.ejecucion_acumulada - sum(hijo.ejecucion_acumulada)) > {{ tolerancia }}
