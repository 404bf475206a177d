{%- set linea = ['anio', 'programa', 'partida', 'capitulo', 'programa_origen', 'subtitulo'] %}

with niveles as (
    select * from {{ ref('int_presupuesto_niveles') }}
),

-- Months whose file was received, and whether a row of it could not be read, or not the ítem of an asignación.
meses_recibidos as (
    select
        recibidos.anio,
        recibidos.mes,
        recibidos.programa,
        sum(archivos.rechazadas + recibidos.sin_item) as sin_leer
    from (
        select
            anio,
            mes,
            programa,
            _archivo,
            sum(case when es_huerfana then 1 else 0 end) as sin_item
        from niveles
        group by anio, mes, programa, _archivo
    ) as recibidos
    inner join {{ ref('stg_archivos') }} as archivos
        on recibidos._archivo = archivos.archivo
    group by recibidos.anio, recibidos.mes, recibidos.programa
),

-- Lines below which the month has others, whether their own row was received or not.
desglosadas as (
    select
        mes,
        {{ linea | join(', ') }},
        cast(null as string) as item
    from niveles
    where nivel > 1
    union
    select
        mes,
        {{ linea | join(', ') }},
        item
    from niveles
    where nivel = 3
),

con_mes_anterior as (
    select
        hojas.anio,
        hojas.mes,
        hojas.programa,
        hojas.subtitulo,
        hojas.item,
        hojas.asignacion,
        hojas.denominacion,
        hojas.presupuesto_inicial,
        hojas.presupuesto_vigente,
        hojas.ejecucion_acumulada,
        hojas.moneda,
        hojas._archivo,
        hojas._sha256,
        hojas._fila,
        anterior.ejecucion_acumulada as ejecucion_anterior,
        anterior._archivo as _archivo_anterior,
        anterior._sha256 as _sha256_anterior,
        anterior._fila as _fila_anterior,
        case
            when hojas.mes = 1 then hojas.ejecucion_acumulada
            -- Nobody knows which line of the month before it was.
            when hojas.es_huerfana then null
            when recibido.anio is null then null
            when anterior.anio is not null
                then case when anterior.moneda = hojas.moneda then hojas.ejecucion_acumulada - anterior.ejecucion_acumulada end
            -- A line that is new in this month started from nothing, unless the month before may have held it: in a
            -- row that could not be read, in the lines below it, or within a line that has since been broken down.
            when recibido.sin_leer = 0 and desglosada.anio is null and coalesce(ancestro.ejecucion_acumulada, 0) = 0
                then hojas.ejecucion_acumulada
        end as ejecucion_mes
    from niveles as hojas
    left join meses_recibidos as recibido
        on
            hojas.anio = recibido.anio
            and hojas.mes = recibido.mes + 1
            and hojas.programa = recibido.programa
    -- Every level of the month before, not only its leaves: a line may have had lines below it then.
    left join niveles as anterior
        on
            hojas.mes = anterior.mes + 1
            {%- for columna in linea %}
            and hojas.{{ columna }} = anterior.{{ columna }}
            {%- endfor %}
            and hojas.item is not distinct from anterior.item
            and hojas.asignacion is not distinct from anterior.asignacion
    left join desglosadas as desglosada
        on
            hojas.mes = desglosada.mes + 1
            {%- for columna in linea %}
            and hojas.{{ columna }} = desglosada.{{ columna }}
            {%- endfor %}
            and hojas.item is not distinct from desglosada.item
            and hojas.asignacion is null
    left join niveles as ancestro
        on
            hojas.mes = ancestro.mes + 1
            {%- for columna in linea %}
            and hojas.{{ columna }} = ancestro.{{ columna }}
            {%- endfor %}
            and hojas.nivel > ancestro.nivel
            and (ancestro.item is null or hojas.item = ancestro.item)
            and ancestro.es_hoja
    where hojas.es_hoja
)

select
    cast(anio as integer) as anio,
    cast(mes as integer) as mes,
    programa,
    subtitulo,
    item,
    asignacion,
    denominacion,
    presupuesto_inicial,
    presupuesto_vigente,
    ejecucion_acumulada,
    ejecucion_mes,
    presupuesto_vigente - ejecucion_acumulada as saldo,
    moneda,
    _archivo,
    _sha256,
    _fila,
    ejecucion_anterior,
    _archivo_anterior,
    _sha256_anterior,
    _fila_anterior
from con_mes_anterior
