{%- set clave = ['anio', 'programa', 'subtitulo', 'campo'] %}

with partes as (
    select
        {{ clave | join(', ') }},
        'publicado' as columna,
        _archivo,
        _sha256,
        _fila,
        cast(publicado as decimal(38, 8)) as valor
    from {{ ref('int_fichas_impresas') }}
    where es_monto
    union all
    select
        {%- for columna in clave %}
        impresa.{{ columna }},
        {%- endfor %}
        'calculado' as columna,
        traza._archivo,
        traza._sha256,
        traza._fila,
        traza.valor
    from {{ ref('int_fichas_impresas') }} as impresa
    inner join {{ ref('traza_ficha_ciudadana') }} as traza
        on
            impresa.anio = traza.anio
            and impresa.mes = traza.mes
            and impresa.programa = traza.programa
            and impresa.subtitulo = traza.subtitulo
            and impresa.campo = traza.columna
)

select
    {{ clave | join(', ') }},
    columna,
    _archivo,
    _sha256,
    _fila,
    valor
from partes
union all
select
    {%- for columna in clave %}
    partes.{{ columna }},
    {%- endfor %}
    'diferencia' as columna,
    partes._archivo,
    partes._sha256,
    partes._fila,
    case partes.columna when 'publicado' then partes.valor else -partes.valor end as valor
from partes
inner join {{ ref('contraste_fichas') }} as contraste
    on
        {%- for columna in clave %}
        {{ 'and ' if not loop.first }}partes.{{ columna }} = contraste.{{ columna }}
        {%- endfor %}
where contraste.diferencia is not null
