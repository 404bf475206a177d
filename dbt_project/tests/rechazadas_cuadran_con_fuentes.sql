-- Each content in force lists as many rejected rows as its counts say.
select
    archivos.archivo,
    archivos.rechazadas,
    count(rechazos.fila) as listadas
from {{ ref('stg_archivos') }} as archivos
left join {{ ref('filas_rechazadas') }} as rechazos
    on archivos.archivo = rechazos.archivo
where archivos.estado = 'ACEPTADO'
group by archivos.archivo, archivos.rechazadas
having archivos.rechazadas <> count(rechazos.fila)
