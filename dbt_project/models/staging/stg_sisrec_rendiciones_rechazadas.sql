with llaves as (
    {{ llaves_rechazadas('sisrec_rendiciones', ['id_transferencia']) }}
)

select
    id_transferencia,
    _archivo,
    _fila
from llaves
where _lugar = 1 and id_transferencia is not null
