{# Raw holds as many rows of each accepted file as the ledger counts, so that none was lost on the way to staging. #}
{% test cuadra_con_bitacora(model, export) %}
select
    archivos.archivo,
    archivos.aceptadas,
    count(distinct filas._fila) as en_bruto
from {{ ref('stg_archivos') }} as archivos
left join {{ source('raw', export) }} as filas
    on archivos.sha256 = filas._sha256
where archivos.export = '{{ export }}' and archivos.estado = 'ACEPTADO'
group by archivos.archivo, archivos.aceptadas
having archivos.aceptadas <> count(distinct filas._fila)
{% endtest %}
