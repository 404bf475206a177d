with aportes as (
    select
        cifras.indicador,
        cifras.anio,
        cifras.parte,
        traza._archivo,
        traza._sha256,
        traza._fila,
        traza.valor
    from {{ ref('int_indicador_cifras') }} as cifras
    inner join {{ ref('traza_ficha_ciudadana') }} as traza
        on
            cifras.anio = traza.anio
            and cifras.mes = traza.mes
            and cifras.programa = traza.programa
            and cifras.subtitulo = traza.subtitulo
            and cifras.columna = traza.columna
    union all
    select
        'arrastre_fndr' as indicador,
        arrastre.anio,
        'numerador' as parte,
        gasto._archivo,
        gasto._sha256,
        gasto._fila,
        cast(gasto.gasto_proyectado as decimal(38, 8)) as valor
    from {{ ref('int_arrastre_fndr') }} as arrastre
    inner join {{ ref('stg_sagir_gasto') }} as gasto
        on arrastre.codigo_iniciativa = gasto.codigo_iniciativa and arrastre.anio_plan = gasto.anio
    where gasto.gasto_proyectado is not null
    union all
    -- An initiative counts once: in the portfolio, by its row there.
    select
        'arrastre_s31' as indicador,
        anio,
        'numerador' as parte,
        _archivo,
        _sha256,
        _fila,
        cast(1 as decimal(38, 8)) as valor
    from {{ ref('int_arrastre_s31') }}
    where en_cartera
    union all
    -- And among those that spent, by the first month of the year in which it did.
    select
        'arrastre_s31' as indicador,
        arrastre.anio,
        'denominador' as parte,
        gasto._archivo,
        gasto._sha256,
        gasto._fila,
        cast(1 as decimal(38, 8)) as valor
    from {{ ref('int_arrastre_s31') }} as arrastre
    inner join {{ ref('stg_sagir_gasto') }} as gasto
        on
            arrastre.codigo_iniciativa = gasto.codigo_iniciativa
            and arrastre.anio = gasto.anio
            and arrastre.primer_mes = gasto.mes
    union all
    select
        'pago_30_dias' as indicador,
        anio,
        case columna when 'documentos_en_plazo' then 'numerador' else 'denominador' end as parte,
        _archivo,
        _sha256,
        _fila,
        valor
    from {{ ref('traza_pago_oportuno') }}
    where columna in ('documentos_en_plazo', 'documentos_pagados')
)

-- What is not known (yet) has no figure, and nothing behind it.
select
    aportes.indicador,
    aportes.anio,
    aportes.parte as columna,
    aportes._archivo,
    aportes._sha256,
    aportes._fila,
    aportes.valor
from aportes
inner join {{ ref('indicadores_gestion') }} as indicadores
    on aportes.indicador = indicadores.indicador and aportes.anio = indicadores.anio
where case aportes.parte when 'numerador' then indicadores.numerador else indicadores.denominador end is not null
