{%- set pesos_por_m = 1000 %}
{%- set de_transferencias = [
    'monto_transferido', 'monto_rendido', 'monto_aprobado', 'monto_reintegrado', 'saldo_por_rendir'
] %}
{%- set columnas = [
    'monto_total', 'monto_ordenes_compra', 'monto_facturado', 'monto_pagado', 'gasto_real'
] + de_transferencias %}

with aportes as (
    select
        codigo_iniciativa,
        case columna when 'gasto_acumulado' then 'gasto_real' else columna end as columna,
        _archivo,
        _sha256,
        _fila,
        cast(cast(valor as decimal(28, 0)) * {{ pesos_por_m }} as decimal(38, 8)) as valor
    from {{ ref('traza_iniciativas') }}
    where columna in ('monto_total', 'gasto_acumulado')
    union all
    -- Whole pesos, as the order is published: each is rounded before they are added up.
    select
        ordenes.codigo_iniciativa,
        'monto_ordenes_compra' as columna,
        lineas._archivo,
        lineas._sha256,
        lineas._fila,
        cast(ordenes.monto_total as decimal(38, 8)) as valor
    from {{ ref('int_iniciativa_ordenes') }} as ordenes
    inner join {{ ref('stg_sagir_iniciativas') }} as iniciativas
        on ordenes.codigo_iniciativa = iniciativas.codigo_iniciativa
    inner join {{ ref('int_ordenes_compra_lineas') }} as lineas
        on ordenes.codigo_oc = lineas.codigo_oc and lineas.es_primera
    union all
    -- Its documents are those that the payments charge to it: they alone say so, and they alone say whether one stands.
    select
        pagos.codigo_iniciativa,
        'monto_facturado' as columna,
        traza._archivo,
        traza._sha256,
        traza._fila,
        traza.valor
    from {{ ref('stg_dte_pagos') }} as pagos
    inner join {{ ref('stg_sagir_iniciativas') }} as iniciativas
        on pagos.codigo_iniciativa = iniciativas.codigo_iniciativa
    inner join {{ ref('traza_pagos_proveedores') }} as traza
        on
            pagos.rut_proveedor = traza.rut_proveedor
            and pagos.tipo_documento = traza.tipo_documento
            and pagos.folio = traza.folio
    where traza.columna = 'monto_total' and {{ documento_vigente('pagos.estado') }}
    union all
    select
        pagos.codigo_iniciativa,
        'monto_pagado' as columna,
        pagos._archivo,
        pagos._sha256,
        pagos._fila,
        cast({{ con_signo('pagos.tipo_documento', 'pagos.monto_pagado') }} as decimal(38, 8)) as valor
    from {{ ref('stg_dte_pagos') }} as pagos
    inner join {{ ref('stg_sagir_iniciativas') }} as iniciativas
        on pagos.codigo_iniciativa = iniciativas.codigo_iniciativa
    where pagos.monto_pagado is not null and {{ documento_vigente('pagos.estado') }}
    union all
    select
        iniciativas.codigo_iniciativa,
        traza.columna,
        traza._archivo,
        traza._sha256,
        traza._fila,
        traza.valor
    from {{ ref('int_transferencias') }} as transferencias
    inner join {{ ref('stg_sagir_iniciativas') }} as iniciativas
        on transferencias.codigo_iniciativa = iniciativas.codigo_iniciativa
    inner join {{ ref('traza_transferencias') }} as traza
        on transferencias.id_transferencia = traza.id_transferencia
    where traza.columna in ('{{ de_transferencias | join("', '") }}')
)

select
    aportes.codigo_iniciativa,
    cuentas.columna,
    aportes._archivo,
    aportes._sha256,
    aportes._fila,
    case cuentas.signo when 1 then aportes.valor else -aportes.valor end as valor
from aportes
-- Each adds to its own column, and some to the difference.
inner join (
    {%- for columna in columnas %}
    select '{{ columna }}' as origen, '{{ columna }}' as columna, 1 as signo union all
    {%- endfor %}
    select 'gasto_real' as origen, 'diferencia_gasto' as columna, 1 as signo union all
    select 'monto_facturado' as origen, 'diferencia_gasto' as columna, -1 as signo union all
    select 'monto_transferido' as origen, 'diferencia_gasto' as columna, -1 as signo
) as cuentas
    on aportes.columna = cuentas.origen
