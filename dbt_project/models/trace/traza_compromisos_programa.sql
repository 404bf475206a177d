select
    compromisos.compromiso,
    case traza.columna when 'monto_total' then 'monto_iniciativas' else traza.columna end as columna,
    traza._archivo,
    traza._sha256,
    traza._fila,
    traza.valor
from {{ ref('stg_programa_compromisos') }} as compromisos
inner join {{ ref('iniciativas') }} as iniciativas
    on compromisos.compromiso = iniciativas.compromiso
inner join {{ ref('traza_iniciativas') }} as traza
    on iniciativas.codigo_iniciativa = traza.codigo_iniciativa
where traza.columna in ('monto_total', 'gasto_acumulado')
