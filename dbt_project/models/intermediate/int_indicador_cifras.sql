{#- Each figure of the budget that is a part of an indicator: the month by which it is known, and its column. -#}
{%- set cifras = [
    ('ejecucion_p02_junio', 'numerador', 6, 'ejecutado'),
    ('ejecucion_p02_junio', 'denominador', 4, 'presupuesto_vigente'),
    ('arrastre_fndr', 'denominador', 12, 'presupuesto_vigente'),
] %}

{%- for indicador, parte, mes, columna in cifras %}
select
    '{{ indicador }}' as indicador,
    anio,
    '{{ parte }}' as parte,
    mes,
    programa,
    subtitulo,
    '{{ columna }}' as columna,
    {{ columna }} as cifra
from {{ ref('ficha_ciudadana') }}
where programa = '02' and subtitulo = 'TOTAL' and mes = {{ mes }}
{{ 'union all' if not loop.last }}
{%- endfor %}
