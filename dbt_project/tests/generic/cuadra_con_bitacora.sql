{#
  Raw holds as many rows of each accepted file as the ledger counts, so that none was lost or added on the way to staging.
  `por_fila` are the rows of raw that each row of the file becomes.
#}
{% test cuadra_con_bitacora(model, export, por_fila=1) %}
select
    archivos.archivo,
    archivos.aceptadas,
    count(filas._fila) as en_bruto
from {{ ref('stg_archivos') }} as archivos
left join {{ source('raw', export) }} as filas
    on archivos.sha256 = filas._sha256
where archivos.export = '{{ export }}' and archivos.estado = 'ACEPTADO'
group by archivos.archivo, archivos.aceptadas
having archivos.aceptadas * {{ por_fila }} <> count(filas._fila)
{% endtest %}
