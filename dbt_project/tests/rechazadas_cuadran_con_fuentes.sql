-- Each file lists as many rejected rows as its counts say.
select
    fuentes.archivo,
    fuentes.rechazadas,
    count(rechazos.fila) as listadas
from {{ ref('fuentes') }} as fuentes
left join {{ ref('filas_rechazadas') }} as rechazos
    on fuentes.archivo = rechazos.archivo
group by fuentes.archivo, fuentes.rechazadas
having coalesce(fuentes.rechazadas, 0) <> count(rechazos.fila)
