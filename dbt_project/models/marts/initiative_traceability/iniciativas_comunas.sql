select
    codigo_iniciativa,
    cut,
    comuna
from {{ ref('int_iniciativa_comunas') }}
